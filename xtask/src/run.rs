//! The daemon, built as this user and run as root.

use std::{ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::{Context, Result, anyhow};

use crate::{
    build::{self, Profile},
    command,
    privilege::Privilege,
    setup::{self, Scope},
    workspace::Workspace,
};

/// Builds, then becomes the daemon: signals sent to this process reach it.
pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    setup::run(workspace, Scope::Build)?;
    let binary = build::daemon(workspace, Profile::Release)?;
    let program = binary.to_str().context("the path of the output folder is not UTF-8")?;
    let mut daemon = Privilege::detect().command(program, &[])?;
    daemon.arg("run").args(arguments);
    println!("starting {program}");
    Err(anyhow!(daemon.exec()).context(format!("cannot start `{}`", command::describe(&daemon))))
}
