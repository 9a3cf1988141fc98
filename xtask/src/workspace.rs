//! Where things are in this repository.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

/// The repository and Cargo's output folder.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks Cargo, because the output folder may be configured away from `target`.
    pub(crate) fn locate() -> Result<Self> {
        let manifest_dir =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let metadata = MetadataCommand::new()
            .current_dir(&manifest_dir)
            .no_deps()
            .exec()
            .context("cannot read the workspace's metadata")?;
        Ok(Self {
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
        })
    }

    /// The repository's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's output folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// `cargo SUBCOMMAND`, started in the root.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand).current_dir(&self.root);
        command
    }

    /// Where tools are built, so that an interrupted installation resumes.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The scenarios that the tests of the whole daemon play.
    pub(crate) fn scenarios(&self) -> PathBuf {
        self.root.join("tests/e2e/scenarios")
    }

    /// The rules, as the daemon has them.
    pub(crate) fn policies(&self) -> PathBuf {
        self.root.join("policies")
    }

    /// What is installed in a Kubernetes cluster.
    pub(crate) fn chart(&self) -> PathBuf {
        self.root.join("chart")
    }

    /// The deeds that each of the rules must tell of.
    pub(crate) fn detections(&self) -> PathBuf {
        self.root.join("tests/e2e/detections")
    }

    /// Where scenarios go differently, by kernel and variant of the daemon.
    pub(crate) fn differences(&self) -> PathBuf {
        self.root.join("tests/e2e/kernels.toml")
    }

    /// The compiler release that rust-toolchain.toml pins.
    pub(crate) fn pinned_rust(&self) -> Result<String> {
        let path = self.root.join("rust-toolchain.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let table: toml::Table = text.parse().with_context(|| format!("{}", path.display()))?;
        table
            .get("toolchain")
            .and_then(|toolchain| toolchain.get("channel"))
            .and_then(toml::Value::as_str)
            .map(str::to_owned)
            .with_context(|| format!("{}: no toolchain.channel", path.display()))
    }
}
