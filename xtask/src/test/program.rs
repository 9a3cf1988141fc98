//! The programs with the tests of the whole daemon, and the program whose deeds they watch.

use std::{
    env::consts::ARCH,
    io::BufReader,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use crate::{command, workspace::Workspace};

/// The tests on the running kernel.
pub(super) const E2E: &str = "rampart-e2e";

/// Those on a Kubernetes cluster.
pub(super) const CLUSTER: &str = "rampart-cluster";

/// The variable that tells the tests where the scenarios are.
const SCENARIOS_VARIABLE: &str = "RAMPART_SCENARIOS";

/// Those that tell them where the rules are, and what each of them must tell of.
const POLICIES_VARIABLE: &str = "RAMPART_POLICIES";
const DETECTIONS_VARIABLE: &str = "RAMPART_DETECTIONS";

/// The one that tells them what kernel it is.
const KERNEL_VARIABLE: &str = "RAMPART_KERNEL";

/// This machine's, among the names of kernels.
pub(crate) const NATIVE: &str = "native";

/// What tests read, by the variables that name it.
pub(crate) fn folders(workspace: &Workspace) -> [(&'static str, PathBuf); 3] {
    [
        (SCENARIOS_VARIABLE, workspace.scenarios()),
        (POLICIES_VARIABLE, workspace.policies()),
        (DETECTIONS_VARIABLE, workspace.detections()),
    ]
}

/// What stands for managers of Wazuh's in pods.
const TESTKIT_PACKAGE: &str = "rampart-testkit";
const MANAGER: &str = "manager";

const ACTOR_PACKAGE: &str = "rampart-actor";
const ACTOR: &str = "actor";

/// A test program and the folder of its package, where Cargo would start it.
#[derive(Debug)]
pub(crate) struct TestProgram {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
}

/// Builds the tests on kernels.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<TestProgram>> {
    build_package(workspace, E2E)
}

/// Builds the tests of a package.
pub(super) fn build_package(workspace: &Workspace, package: &str) -> Result<Vec<TestProgram>> {
    let mut cargo = workspace.cargo("test");
    cargo.args(["--package", package, "--no-run", "--message-format=json-render-diagnostics"]);
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo's output is gone")?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(BufReader::new(output)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.profile.test
            && let Some(path) = artifact.executable
        {
            let folder = artifact.manifest_path.parent().context("a package without a folder")?;
            let name = artifact.target.name;
            programs.push(TestProgram { name, path: path.into(), folder: folder.into() });
        }
    }
    if !child.wait()?.success() {
        bail!("{package} does not build");
    }
    Ok(programs)
}

/// The names of all tests. None at all is a fault: an empty run would look like a success.
pub(crate) fn list(workspace: &Workspace, programs: &[TestProgram]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for program in programs {
        names.extend(program.list(workspace, NATIVE, &[])?);
    }
    if names.is_empty() {
        bail!("there are no tests");
    }
    Ok(names)
}

impl TestProgram {
    /// The names of its tests on a kernel that `arguments` ask for.
    pub(crate) fn list(
        &self,
        workspace: &Workspace,
        kernel: &str,
        arguments: &[String],
    ) -> Result<Vec<String>> {
        let mut command = Command::new(&self.path);
        command.args(arguments).args(["--list", "--format", "terse"]).current_dir(&self.folder);
        command.envs(folders(workspace)).env(KERNEL_VARIABLE, kernel);
        let list = command::capture(&mut command)?;
        Ok(list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }
}

/// Builds the program that stands for a manager of Wazuh's.
pub(super) fn build_manager(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", TESTKIT_PACKAGE, "--features", MANAGER, "--example", MANAGER]);
    command::inherit(&mut cargo)?;
    Ok(workspace.target().join("debug/examples").join(MANAGER))
}

/// Builds the actor without any need of libraries: it also runs where there are none.
pub(crate) fn build_actor(workspace: &Workspace) -> Result<PathBuf> {
    // A folder of its own: with other flags everything would be built again in the shared one.
    let target = workspace.tools().join(ACTOR);
    // Named, because only with `--target` are build scripts spared the flags of the program.
    let triple = format!("{ARCH}-unknown-linux-gnu");
    let mut cargo = workspace.cargo("build");
    cargo.env("RUSTFLAGS", "-Ctarget-feature=+crt-static");
    cargo.args(["--release", "--package", ACTOR_PACKAGE, "--target", triple.as_str(), "--target-dir"]);
    command::inherit(cargo.arg(&target))?;
    let binary = target.join(triple).join("release").join(ACTOR);
    if !binary.is_file() {
        bail!("cargo built no {}", binary.display());
    }
    Ok(binary)
}
