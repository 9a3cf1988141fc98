//! Tools that Cargo installs, each at one version.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use super::{Need, Way};
use crate::{command, workspace::Workspace};

/// A program from the package registry.
pub(super) struct CargoTool {
    name: &'static str,
    version: &'static str,
    minutes: u32,
    target: PathBuf,
}

impl CargoTool {
    /// Links the BPF programs. Newer versions want an LLVM from the system; this one uses the compiler's own.
    pub(super) fn bpf_linker(workspace: &Workspace) -> Self {
        Self { name: "bpf-linker", version: "0.10.3", minutes: 3, target: workspace.tools() }
    }

    /// Checks licences, duplicates and bans.
    pub(super) fn cargo_deny(workspace: &Workspace) -> Self {
        Self { name: "cargo-deny", version: "0.20.2", minutes: 5, target: workspace.tools() }
    }

    fn install(&self) -> Result<()> {
        println!("setup:   this takes about {} minutes", self.minutes);
        let mut command = Command::new("cargo");
        command.args(["install", self.name, "--version", self.version, "--locked", "--target-dir"]);
        command.arg(self.target.join(self.name));
        command::logged(&mut command, &self.target.join(format!("{}.log", self.name)))
    }
}

impl Need for CargoTool {
    fn name(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    fn detect(&self) -> Result<String> {
        let Some(program) = command::find(self.name) else { bail!("not on PATH") };
        let version = command::capture(Command::new(&program).arg("--version"))?;
        if version.split_whitespace().nth(1) != Some(self.version) {
            bail!("found {version}");
        }
        Ok(String::new())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way::new("cargo install", || self.install())]
    }

    fn by_hand(&self) -> String {
        format!(
            "`cargo install {} --version {} --locked`, and have Cargo's bin folder on PATH",
            self.name, self.version
        )
    }
}
