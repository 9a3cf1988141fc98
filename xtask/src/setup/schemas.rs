//! The schemas of Kubernetes' objects, against which the chart's manifests are held, as a package for Python has
//! them; and those of what others bring, from their Go modules.

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
/// (module, definition in it)
const DEFINITIONS: [(&str, &str); 3] = [
    (CERT_MANAGER, "deploy/crds/cert-manager.io_certificates.yaml"),
    (CERT_MANAGER, "deploy/crds/cert-manager.io_issuers.yaml"),
    (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
];
const CERT_MANAGER: &str = "github.com/cert-manager/cert-manager@v1.19.1";

/// Says what was fetched.
const STAMP: &str = "sources";

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
        keep_custom(&new.join(CUSTOM))?;
        fs::remove_dir_all(new.join("package")).context("cannot remove the unpacked package")?;
        fs::write(new.join(STAMP), stamp()).context("cannot write the stamp")?;
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

fn keep_custom(to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for (module, path) in DEFINITIONS {
        let path = module_folder(module, to)?.join(path);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let definition = serde_saphyr::from_str(&text).with_context(|| format!("{}", path.display()))?;
        let (name, schema) = schema::of_resource(&definition)
            .with_context(|| format!("{} defines no resource", path.display()))?;
        write(&to.join(name), &schema)?;
    }
    Ok(())
}

fn module_folder(module: &str, anywhere: &Path) -> Result<PathBuf> {
    let mut go = Command::new("go");
    let answer = command::capture(go.args(["mod", "download", "-json", module]).current_dir(anywhere))?;
    let answer: Value = serde_json::from_str(&answer).context("go says nothing of the module")?;
    let folder = answer.get("Dir").and_then(Value::as_str).context("go does not say where the module is")?;
    Ok(PathBuf::from(folder))
}

fn stamp() -> String {
    format!("{PACKAGE} {VERSIONS:?} {DEFINITIONS:?}\n")
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
        match fs::read_to_string(self.folder.join(STAMP)) {
            Ok(fetched) if fetched == stamp() => {}
            Ok(_) => bail!("those that are here are of other releases"),
            Err(_) => bail!("not fetched yet"),
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
