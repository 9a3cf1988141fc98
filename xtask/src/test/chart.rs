//! The chart: what it makes of good values is what each Kubernetes takes, and bad values are refused.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::kernel::skip;
use crate::{
    command,
    outcome::Outcome,
    setup::{
        self,
        schemas::{CUSTOM, VERSIONS},
    },
    workspace::Workspace,
};

/// Good values, each file an installation of its own.
const GOOD: &str = "ci";

/// Bad values; the first line says what helm must say about them.
const BAD: &str = "tests/refused";
const EXPECTED: &str = "# expect: ";

/// What the chart is held against it with.
struct Judges {
    chart: PathBuf,
    helm: PathBuf,
    kubeconform: PathBuf,
    schemas: PathBuf,
    /// Where manifests are kept, to look at.
    manifests: PathBuf,
}

/// Runs all of them.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let chart = workspace.chart();
    let (good, bad) = (values(&chart.join(GOOD))?, values(&chart.join(BAD))?);
    let judges = match Judges::find(workspace) {
        Ok(judges) => judges,
        Err(error) => return Ok(skip(&names(&[good, bad]), &format!("{error:#}"))),
    };
    let mut failed = Vec::new();
    let mut note = |name: String, result: Result<()>| match result {
        Ok(()) => println!("{name} … ok"),
        Err(error) => failed.push(format!("{name}: {error:#}")),
    };
    for values in &good {
        note(format!("lint with {}", name(values)), judges.lint(values));
        for version in VERSIONS {
            note(format!("{} on {version}", name(values)), judges.validate(values, version));
        }
    }
    for values in &bad {
        note(format!("{} is refused", name(values)), judges.refuse(values));
    }
    if failed.is_empty() { Ok(Outcome::Passed) } else { Ok(Outcome::Failed(failed.join("\n"))) }
}

/// None at all is a fault: an empty run would look like a success.
fn values(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    if files.is_empty() {
        bail!("{} has no values", folder.display());
    }
    Ok(files)
}

fn names(files: &[Vec<PathBuf>]) -> Vec<String> {
    files.iter().flatten().map(|file| format!("chart with {}", name(file))).collect()
}

fn name(values: &Path) -> String {
    values.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Judges {
    fn find(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            chart: workspace.chart(),
            helm: setup::helm(workspace).context("there is no `helm`")?,
            kubeconform: setup::kubeconform(workspace).context("there is no `kubeconform`")?,
            schemas: setup::schemas(workspace).context("there are no schemas of Kubernetes")?,
            manifests: workspace.tools().join("manifests"),
        })
    }

    fn lint(&self, values: &Path) -> Result<()> {
        let mut lint = Command::new(&self.helm);
        lint.args(["lint", "--strict", "--quiet"]).arg(&self.chart).arg("--values").arg(values);
        answer(&mut lint)?.map(drop).map_err(anyhow::Error::msg)
    }

    fn validate(&self, values: &Path, version: &str) -> Result<()> {
        let manifest = answer(&mut self.template(values, version))?.map_err(anyhow::Error::msg)?;
        let folder = self.manifests.join(version);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let file = folder.join(name(values));
        fs::write(&file, manifest).with_context(|| format!("cannot write {}", file.display()))?;
        let mut validate = Command::new(&self.kubeconform);
        validate.args(["-strict", "-summary", "-kubernetes-version", version]);
        for folder in [version, CUSTOM] {
            let place = self.schemas.join(folder).join("{{ .ResourceKind }}{{ .KindSuffix }}.json");
            validate.arg("-schema-location").arg(place);
        }
        let summary = answer(validate.arg(&file))?.map_err(anyhow::Error::msg)?;
        if summary.starts_with("Summary: 0 resources") {
            bail!("the chart makes nothing of it");
        }
        Ok(())
    }

    fn refuse(&self, values: &Path) -> Result<()> {
        let text = fs::read_to_string(values).with_context(|| format!("cannot read {}", values.display()))?;
        let expected = text.lines().next().and_then(|line| line.strip_prefix(EXPECTED));
        let expected =
            expected.with_context(|| format!("the first line does not begin with `{EXPECTED}`"))?;
        let newest = VERSIONS.last().context("no version of Kubernetes")?;
        match answer(&mut self.template(values, newest))? {
            Ok(_) => bail!("helm takes it"),
            Err(reason) if reason.contains(expected.trim()) => Ok(()),
            Err(reason) => bail!("helm does not say `{}`, but:\n{reason}", expected.trim()),
        }
    }

    fn template(&self, values: &Path, version: &str) -> Command {
        let mut template = Command::new(&self.helm);
        template.args(["template", "wazuh-hardening"]).arg(&self.chart).arg("--values").arg(values);
        template.args(["--namespace", "wazuh-system", "--kube-version", version]);
        // As helm says it of a cluster that has the kind.
        template.args(["--api-versions", "monitoring.coreos.com/v1/ServiceMonitor"]);
        template
    }
}

/// What it writes, when it succeeds; else all that it says.
fn answer(command: &mut Command) -> Result<Result<String, String>> {
    let output =
        command.output().with_context(|| format!("cannot start `{}`", command::describe(command)))?;
    let written = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(Ok(written));
    }
    Ok(Err(format!("{written}{}", String::from_utf8_lossy(&output.stderr))))
}
