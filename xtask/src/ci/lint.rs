//! Format, lints and documentation.

use anyhow::Result;

use crate::{command, outcome::Outcome, test::peers, workspace::Workspace};

/// Built for the BPF target only; on the host it has neither a panic handler nor an entry point.
const PROGRAMS: &str = "rampart-programs";

pub(super) fn format(workspace: &Workspace) -> Result<Outcome> {
    command::inherit(workspace.cargo("fmt").args(["--all", "--check"]))?;
    Ok(Outcome::Passed)
}

pub(super) fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = workspace.cargo("clippy");
    cargo.args(["--workspace", "--exclude", PROGRAMS, "--all-targets", "--", "-D", "warnings"]);
    command::inherit(&mut cargo)?;
    Ok(Outcome::Passed)
}

/// The kernel side, for its own target with `core` built from the library sources.
pub(super) fn clippy_of_programs(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = workspace.cargo("clippy");
    cargo.env("RUSTC_BOOTSTRAP", "1");
    // A folder of its own: build scripts look at RUSTC_BOOTSTRAP, and would run again in the shared one.
    cargo.arg("--target-dir").arg(workspace.tools().join("programs"));
    cargo.args(["--package", PROGRAMS, "--target", "bpfel-unknown-none", "-Zbuild-std=core"]);
    cargo.args(["--", "-D", "warnings"]);
    command::inherit(&mut cargo)?;
    Ok(Outcome::Passed)
}

pub(super) fn documentation(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = workspace.cargo("doc");
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    cargo.args(["--workspace", "--exclude", PROGRAMS, "--no-deps"]);
    command::inherit(&mut cargo)?;
    Ok(Outcome::Passed)
}

/// They are run by hand with a nightly compiler; that they build is looked at here, so that they do not rot.
pub(super) fn fuzz_targets(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = workspace.cargo("clippy");
    cargo.args(["--manifest-path", "tests/fuzz/Cargo.toml", "--locked"]);
    cargo.arg("--target-dir").arg(workspace.tools().join("fuzz"));
    command::inherit(cargo.args(["--", "-D", "warnings"]))?;
    Ok(Outcome::Passed)
}

/// The engine beside its peers, which is no member of the workspace either.
pub(super) fn clippy_of_peers(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = peers::cargo(workspace, "clippy");
    command::inherit(cargo.args(["--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::Passed)
}
