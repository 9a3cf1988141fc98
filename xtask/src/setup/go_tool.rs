//! Tools that Go builds, each at one version, kept for all checkouts of this repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{Need, Way};
use crate::{cluster, command, workspace::Workspace};

/// A program from a Go module.
pub(super) struct GoTool {
    name: &'static str,
    package: &'static str,
    version: &'static str,
    /// What asks it for its version.
    question: &'static [&'static str],
    minutes: u32,
    folder: PathBuf,
}

/// Packages charts, and makes manifests of them.
pub(crate) fn helm(workspace: &Workspace) -> Option<PathBuf> {
    GoTool::helm(workspace).find()
}

/// Holds manifests against the schemas of a Kubernetes.
pub(crate) fn kubeconform(workspace: &Workspace) -> Option<PathBuf> {
    GoTool::kubeconform(workspace).find()
}

impl GoTool {
    pub(super) fn helm(workspace: &Workspace) -> Self {
        Self {
            name: "helm",
            package: "helm.sh/helm/v3/cmd/helm",
            version: "v3.22.0",
            question: &["version", "--template", "{{.Version}}"],
            minutes: 4,
            folder: folder(workspace),
        }
    }

    pub(super) fn kubeconform(workspace: &Workspace) -> Self {
        Self {
            name: "kubeconform",
            package: "github.com/yannh/kubeconform/cmd/kubeconform",
            version: "v0.8.0",
            question: &["-v"],
            minutes: 1,
            folder: folder(workspace),
        }
    }

    /// The one that is kept, or else the user's own.
    fn find(&self) -> Option<PathBuf> {
        Some(self.kept()).filter(|path| path.is_file()).or_else(|| command::find(self.name))
    }

    fn kept(&self) -> PathBuf {
        self.folder.join(self.name).join(self.version).join(self.name)
    }

    fn install(&self) -> Result<()> {
        println!("setup:   this takes about {} minutes", self.minutes);
        install(self.package, self.version, &self.kept())
    }
}

/// Builds a program that a module of Go has, with nothing of this machine's libraries in it, and keeps it.
pub(crate) fn install(package: &str, version: &str, kept: &Path) -> Result<()> {
    if command::find("go").is_none() {
        bail!("there is no `go`");
    }
    let folder = kept.parent().context("a program without a folder")?;
    let name = kept.file_name().context("a program without a name")?;
    let new = folder.join("new");
    fs::create_dir_all(&new).with_context(|| format!("cannot create {}", new.display()))?;
    let mut go = Command::new("go");
    go.arg("install").env("GOBIN", &new).env("CGO_ENABLED", "0");
    go.arg(format!("{package}@{version}")).current_dir(folder);
    command::logged(&mut go, &folder.join("install.log"))?;
    // Last, so that an interrupted build does not pass for a whole one.
    fs::rename(new.join(name), kept).with_context(|| format!("cannot keep {}", kept.display()))
}

/// Where there is no folder of caches, the checkout keeps them itself.
fn folder(workspace: &Workspace) -> PathBuf {
    cluster::cache().unwrap_or_else(|_| workspace.tools())
}

fn version(program: &Path, question: &[&str]) -> Result<String> {
    command::capture(Command::new(program).args(question))
}

impl Need for GoTool {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn detect(&self) -> Result<String> {
        let Some(program) = self.find() else { bail!("not on PATH") };
        version(&program, self.question)
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way::new("go install", || self.install())]
    }

    fn by_hand(&self) -> String {
        format!("install Go, or have {} {} or newer on PATH", self.name, self.version)
    }

    fn is_optional(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::GoTool;
    use std::fs;

    #[test]
    fn what_is_kept_comes_first_and_only_in_its_version() {
        let folder = tempfile::tempdir().unwrap();
        let tool = |version| GoTool {
            name: "no-such-program-here",
            package: "",
            version,
            question: &[],
            minutes: 0,
            folder: folder.path().to_owned(),
        };
        let kept = tool("v1").kept();
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        fs::write(&kept, "").unwrap();
        assert_eq!(tool("v1").find(), Some(kept));
        assert_eq!(tool("v2").find(), None);
    }
}
