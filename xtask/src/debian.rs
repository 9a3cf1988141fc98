//! Packages of other suites of the machine's own Debian mirror, unpacked beside the project and never
//! installed: a package of another suite would pull a newer libc onto the machine.

mod apt;
mod mirror;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::command;

pub(crate) use apt::Apt;

/// Unpacks packages into a new folder.
pub(crate) fn unpack(packages: &[PathBuf], into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("cannot replace {}", into.display()))?;
    }
    for package in packages {
        command::capture(Command::new("dpkg-deb").arg("-x").arg(package).arg(into))?;
    }
    Ok(())
}
