//! The tests on a Kubernetes cluster of one node, which is made for them and ended after them.

use std::process::Child;

use anyhow::{Context, Result, bail};

use super::{
    kernel::{execute, skip},
    program,
};
use crate::{
    build::{self, Profile},
    cluster::{self, Action},
    command,
    outcome::Outcome,
    privilege::Privilege,
    workspace::Workspace,
};

/// Begins to build Kubernetes beside whatever is done next.
pub(super) fn begin(workspace: &Workspace) -> Option<Child> {
    cluster::build_aside(&workspace.tools().join("kubernetes.log"))
}

/// Runs them.
pub(super) fn run(workspace: &Workspace, kubernetes: Option<Child>) -> Result<Outcome> {
    if let Some(mut kubernetes) = kubernetes {
        // `up` builds it where that has failed, and says why.
        kubernetes.wait().map(drop).unwrap_or_default();
    }
    let programs = program::build_package(workspace, program::CLUSTER)?;
    let names = program::list(workspace, &programs)?;
    let privilege = Privilege::detect();
    if let Err(reason) = check(privilege) {
        return Ok(skip(&names, &format!("{reason:#}")));
    }
    let daemon = build::daemon(workspace, Profile::Release)?;
    let daemon = daemon.to_str().context("the path of the daemon is not UTF-8")?;
    let folder = cluster::folder();
    let folder = folder.to_str().context("the path of the cluster is not UTF-8")?;
    // As it is made, and not as somebody has left it.
    cluster::run(workspace, Action::Down)?;
    cluster::run(workspace, Action::Up)?;
    let variables = [("RAMPART_BIN", daemon), ("RAMPART_CLUSTER", folder)];
    let failed: Vec<String> = programs
        .iter()
        .filter_map(|program| execute(program, &variables, privilege).err())
        .map(|error| format!("{error:#}"))
        .collect();
    cluster::run(workspace, Action::Down)?;
    if failed.is_empty() { Ok(Outcome::Passed) } else { Ok(Outcome::Failed(failed.join("\n"))) }
}

fn check(privilege: Privilege) -> Result<()> {
    if !privilege.is_silent() {
        bail!("not root, and sudo is absent or would ask for a password");
    }
    if command::find("go").is_none() {
        bail!("there is no `go` to build Kubernetes with");
    }
    Ok(())
}
