//! The daemon's binary.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{
    command,
    setup::{self, Scope},
    workspace::Workspace,
};

const PACKAGE: &str = "rampart-daemon";
const BINARY: &str = "rampart";

/// How the binary is optimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Debug,
    /// What is shipped.
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// Sets the machine up and builds.
pub(crate) fn run(workspace: &Workspace, profile: Profile) -> Result<()> {
    setup::run(workspace, Scope::Build)?;
    let binary = daemon(workspace, profile)?;
    println!("built {}", binary.display());
    Ok(())
}

/// Builds the daemon with its eBPF programs inside, and says where it is.
pub(crate) fn daemon(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", PACKAGE, "--bin", BINARY]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    command::inherit(&mut cargo)?;
    let binary = workspace.target().join(profile.folder()).join(BINARY);
    if !binary.is_file() {
        bail!("cargo built no {}", binary.display());
    }
    Ok(binary)
}
