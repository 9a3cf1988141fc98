//! The daemon's binary.

mod architecture;

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{
    command,
    setup::{self, Scope},
    workspace::Workspace,
};

pub(crate) use architecture::Architecture;

const PACKAGE: &str = "rampart-daemon";
const BINARY: &str = "rampart";

/// Everything inside, the C library too: the image holds nothing else, and one file runs on any distribution.
///
/// Names are resolved by glibc all the same: since 2.34 it has `files` and `dns` inside. Measured with 2.36 in an empty
/// root with nothing but /etc/resolv.conf and /etc/hosts: names of /etc/hosts, of a Service in each of its forms under a
/// pod's `search` and `ndots:5`, of IPv4 and IPv6, and names that are not there; with and without nsswitch.conf. The
/// modules that one names are never loaded: see `look_up_without_modules` of `rampart-kernel`.
const STATIC: &str = "-Ctarget-feature=+crt-static";

/// What Cargo has between flags, which may have spaces in them.
const SEPARATOR: &str = "\x1f";

/// How the binary is optimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Debug,
    /// What is shipped.
    Release,
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
    match profile {
        Profile::Debug => {
            command::inherit(workspace.cargo("build").args(["--package", PACKAGE, "--bin", BINARY]))?;
            built(&workspace.target().join("debug"))
        }
        Profile::Release => shipped(workspace, Architecture::of_this_machine()?),
    }
}

/// Builds what is shipped, for one sort of processor.
pub(crate) fn shipped(workspace: &Workspace, architecture: Architecture) -> Result<PathBuf> {
    let triple = architecture.triple();
    let mut cargo = workspace.cargo("build");
    // Named, because only with `--target` are build scripts and macros spared the flags of the program.
    cargo.args(["--release", "--package", PACKAGE, "--bin", BINARY, "--target", triple]);
    // Instead of whatever flags the caller has: what is shipped does not depend on them.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(workspace).join(SEPARATOR));
    architecture.prepare(&mut cargo)?;
    command::inherit(&mut cargo)?;
    built(&workspace.target().join(triple).join("release"))
}

/// The flags of what is shipped; it names no folder of the machine that has built it.
fn flags(workspace: &Workspace) -> Vec<String> {
    let mut flags = vec![STATIC.to_owned()];
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let folders = [home.map(|home| (home, "/cargo")), Some((workspace.root().to_owned(), "/rampart"))];
    for (folder, name) in folders.into_iter().flatten() {
        flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
    }
    flags
}

fn built(folder: &Path) -> Result<PathBuf> {
    let binary = folder.join(BINARY);
    if !binary.is_file() {
        bail!("cargo built no {}", binary.display());
    }
    Ok(binary)
}
