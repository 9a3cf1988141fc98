//! The engine beside others: the same rules and events, and the same answers.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    build::{self, Profile},
    command,
    outcome::Outcome,
    workspace::Workspace,
};

const MANIFEST: &str = "tests/peers/Cargo.toml";

/// `cargo SUBCOMMAND` for the package with the peers, which is a workspace of its own.
pub(crate) fn cargo(workspace: &Workspace, subcommand: &str) -> Command {
    let mut cargo = workspace.cargo(subcommand);
    cargo.args(["--manifest-path", MANIFEST, "--locked"]);
    cargo.arg("--target-dir").arg(target(workspace));
    cargo
}

/// Where it is built: a folder of its own that can be kept, because the peers never change.
pub(crate) fn target(workspace: &Workspace) -> PathBuf {
    workspace.target().join("peers")
}

/// Builds the daemon, and compares its answers.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let daemon = build::daemon(workspace, Profile::Release)?;
    command::inherit(cargo(workspace, "test").arg("--no-fail-fast").env("RAMPART_BIN", daemon))?;
    Ok(Outcome::Passed)
}
