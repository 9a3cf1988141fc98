//! The tests of the whole daemon on this machine's kernel, run as root one after the other.

use std::fs;

use anyhow::{Context, Result};

use super::{
    program::{self, TestProgram},
    support,
};
use crate::{
    build::{self, Profile},
    command,
    outcome::Outcome,
    privilege::Privilege,
    workspace::Workspace,
};

const TRACEFS: &str = "/sys/kernel/tracing";

/// Builds daemon and tests as this user, and runs the tests as root.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let programs = program::build(workspace)?;
    let names = program::list(workspace, &programs)?;
    let privilege = Privilege::detect();
    if let Err(reason) = support::check(privilege) {
        return Ok(skip(&names, &format!("{reason:#}")));
    }
    let built = [
        ("RAMPART_BIN", build::daemon(workspace, Profile::Release)?),
        ("RAMPART_ACTOR", program::build_actor(workspace)?),
    ];
    let folders = program::folders(workspace);
    let mut variables = Vec::new();
    for (name, path) in built.iter().chain(&folders) {
        let path = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
        variables.push((*name, path));
    }
    mount_tracefs(privilege);
    println!("{} tests, one after the other, as root", names.len());
    let failed: Vec<String> = programs
        .iter()
        .filter_map(|program| execute(program, &variables, privilege).err())
        .map(|error| format!("{error:#}"))
        .collect();
    if failed.is_empty() { Ok(Outcome::Passed) } else { Ok(Outcome::Failed(failed.join("\n"))) }
}

/// Names each test that does not run, so that a skip cannot pass for a success.
pub(super) fn skip(names: &[String], reason: &str) -> Outcome {
    for name in names {
        println!("skipped {name}: {reason}");
    }
    Outcome::Skipped(format!("{} tests: {reason}", names.len()))
}

/// Runs one test program.
fn execute(test: &TestProgram, variables: &[(&str, &str)], privilege: Privilege) -> Result<()> {
    let program = test.path.to_str().context("the path of a test is not UTF-8")?;
    // The tests watch one kernel: side by side they would see each other's processes.
    let mut command = privilege.command(program, variables)?;
    command::inherit(command.arg("--test-threads=1").current_dir(&test.folder))
}

fn mount_tracefs(privilege: Privilege) {
    let is_empty = fs::read_dir(TRACEFS).is_ok_and(|mut entries| entries.next().is_none());
    if !is_empty {
        return;
    }
    let mounted = privilege
        .command("mount", &[])
        .and_then(|mut mount| command::inherit(mount.args(["-t", "tracefs", "none", TRACEFS])));
    match mounted {
        Ok(()) => println!("mounted tracefs at {TRACEFS}"),
        Err(error) => println!("tracefs stays unmounted: {error:#}"),
    }
}
