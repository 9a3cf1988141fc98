//! The tests of the whole daemon on this machine's kernel, run as root one after the other.

use std::{
    fs,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use super::support;
use crate::{
    build::{self, Profile},
    command,
    outcome::Outcome,
    privilege::Privilege,
    workspace::Workspace,
};

const PACKAGE: &str = "rampart-e2e";
const TRACEFS: &str = "/sys/kernel/tracing";

/// The variable that tells the tests which daemon to start.
const DAEMON_VARIABLE: &str = "RAMPART_BIN";

/// Builds daemon and tests as this user, and runs the tests as root.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let programs = build_tests(workspace)?;
    let names = list(&programs)?;
    let privilege = Privilege::detect();
    if let Err(reason) = support::check(privilege) {
        return Ok(skip(&names, &format!("{reason:#}")));
    }
    let daemon = build::daemon(workspace, Profile::Release)?;
    mount_tracefs(privilege);
    println!("{} tests, one after the other, as root", names.len());
    let failed: Vec<String> = programs
        .iter()
        .filter_map(|program| execute(program, &daemon, privilege).err())
        .map(|error| format!("{error:#}"))
        .collect();
    if failed.is_empty() { Ok(Outcome::Passed) } else { Ok(Outcome::Failed(failed.join("\n"))) }
}

/// A test program and the folder of its package, where Cargo would start it.
#[derive(Debug)]
struct TestProgram {
    path: PathBuf,
    folder: PathBuf,
}

fn build_tests(workspace: &Workspace) -> Result<Vec<TestProgram>> {
    let mut cargo = workspace.cargo("test");
    cargo.args(["--package", PACKAGE, "--no-run", "--message-format=json-render-diagnostics"]);
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo's output is gone")?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(BufReader::new(output)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.profile.test
            && let Some(path) = artifact.executable
        {
            let folder = artifact.manifest_path.parent().context("a package without a folder")?;
            programs.push(TestProgram { path: path.into(), folder: folder.into() });
        }
    }
    if !child.wait()?.success() {
        bail!("{PACKAGE} does not build");
    }
    Ok(programs)
}

/// The names of all tests. None at all is a fault: an empty run would look like a success.
fn list(programs: &[TestProgram]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for program in programs {
        let list = command::capture(Command::new(&program.path).args(["--list", "--format", "terse"]))?;
        names.extend(list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned));
    }
    if names.is_empty() {
        bail!("{PACKAGE} has no tests");
    }
    Ok(names)
}

/// Names each test that does not run, so that a skip cannot pass for a success.
fn skip(names: &[String], reason: &str) -> Outcome {
    for name in names {
        println!("skipped {name}: {reason}");
    }
    Outcome::Skipped(format!("{} tests: {reason}", names.len()))
}

fn execute(test: &TestProgram, daemon: &Path, privilege: Privilege) -> Result<()> {
    let program = test.path.to_str().context("the path of a test is not UTF-8")?;
    let daemon = daemon.to_str().context("the path of the daemon is not UTF-8")?;
    // The tests watch one kernel: side by side they would see each other's processes.
    let mut command = privilege.command(program, &[(DAEMON_VARIABLE, daemon)])?;
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
