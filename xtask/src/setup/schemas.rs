//! The schemas of Kubernetes' objects, against which the chart's manifests are held, as a package for Python has
//! them; and that of a ServiceMonitor, from the module of Prometheus' operator.

mod schema;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Need, Way};
use crate::{command, workspace::Workspace};

/// The versions of Kubernetes that the chart is tried with: the oldest that it takes, one between, and the one that
/// the tests run.
pub(crate) const VERSIONS: [&str; 3] = ["1.25.0", "1.30.0", "1.35.0"];

/// Where those are that Kubernetes itself does not have.
pub(crate) const CUSTOM: &str = "custom";

const PACKAGE: &str = "kubernetes-validate==1.37.0";
const OPERATOR: &str = "github.com/prometheus-operator/prometheus-operator@v0.85.0";
const MONITOR: &str = "jsonnet/prometheus-operator/servicemonitors-crd.json";

/// All of them, in one folder.
pub(super) struct Schemas {
    folder: PathBuf,
}

/// The folder, where it is there: a folder in it for each version, and one for what is `CUSTOM`.
pub(crate) fn find(workspace: &Workspace) -> Option<PathBuf> {
    let schemas = Schemas::new(workspace);
    schemas.detect().is_ok().then_some(schemas.folder)
}

impl Schemas {
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self { folder: workspace.tools().join("schemas") }
    }

    fn fetch(&self) -> Result<()> {
        let new = self.folder.with_extension("new");
        for folder in [&self.folder, &new] {
            if folder.exists() {
                fs::remove_dir_all(folder).with_context(|| format!("cannot replace {}", folder.display()))?;
            }
        }
        let unpacked = unpack(&new.join("package"))?;
        for version in VERSIONS {
            let from = unpacked
                .join("kubernetes_validate/kubernetes-json-schema")
                .join(format!("v{version}-local-strict"));
            adapt_all(&from, &new.join(version))?;
        }
        keep_monitor(&new.join(CUSTOM))?;
        fs::remove_dir_all(new.join("package")).context("cannot remove the unpacked package")?;
        // Last, so that an interrupted fetch does not pass for a whole one.
        fs::rename(&new, &self.folder).context("cannot keep the schemas")
    }
}

fn unpack(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest"]).arg(folder);
    command::logged(pip.arg(PACKAGE), &folder.with_extension("log"))?;
    let wheel = fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("pip has left no package")?;
    let unpacked = folder.join("unpacked");
    let mut zip = Command::new("python3");
    command::capture(zip.args(["-m", "zipfile", "--extract"]).arg(wheel).arg(&unpacked))?;
    Ok(unpacked)
}

fn adapt_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        let name = path.file_name().context("a schema without a name")?;
        write(&to.join(name), &schema::on_disk(read(&path)?))?;
    }
    Ok(())
}

fn keep_monitor(to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let answer =
        command::capture(Command::new("go").args(["mod", "download", "-json", OPERATOR]).current_dir(to))?;
    let answer: Value = serde_json::from_str(&answer).context("go says nothing of the module")?;
    let module = answer.get("Dir").and_then(Value::as_str).context("go does not say where the module is")?;
    let definition = read(&Path::new(module).join(MONITOR))?;
    let monitor = schema::of_resource(&definition).context("the definition has no schema")?;
    write(&to.join("servicemonitor-monitoring-v1.json"), &monitor)
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}", path.display()))
}

fn write(path: &Path, schema: &Value) -> Result<()> {
    fs::write(path, schema.to_string()).with_context(|| format!("cannot write {}", path.display()))
}

impl Need for Schemas {
    fn name(&self) -> String {
        format!("schemas of Kubernetes {}", VERSIONS.join(", "))
    }

    fn detect(&self) -> Result<String> {
        for part in VERSIONS.into_iter().chain([CUSTOM]) {
            if !self.folder.join(part).is_dir() {
                bail!("no {part}");
            }
        }
        Ok(String::new())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way::new("pip download and go mod download", || self.fetch())]
    }

    fn by_hand(&self) -> String {
        "install Python with pip, and Go".to_owned()
    }

    fn is_optional(&self) -> bool {
        true
    }
}
