//! The pinned compiler and its components.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Need, Way};
use crate::command;

/// The compiler of rust-toolchain.toml.
pub(super) struct Rust {
    release: String,
}

impl Rust {
    pub(super) fn new(release: &str) -> Self {
        Self { release: release.to_owned() }
    }
}

impl Need for Rust {
    fn name(&self) -> String {
        format!("Rust {}", self.release)
    }

    fn detect(&self) -> Result<String> {
        let found = installed_release()?;
        if found != self.release {
            bail!("rustc is {found}");
        }
        Ok(String::new())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let install =
            || command::inherit(Command::new("rustup").args(["toolchain", "install", self.release.as_str()]));
        vec![Way::new("rustup toolchain install", install)]
    }

    fn by_hand(&self) -> String {
        format!("install rustup, which reads rust-toolchain.toml, or Rust {} itself", self.release)
    }
}

/// rustfmt and clippy, which the gates call.
pub(super) struct RustComponents {
    release: String,
}

impl RustComponents {
    pub(super) fn new(release: &str) -> Self {
        Self { release: release.to_owned() }
    }
}

impl Need for RustComponents {
    fn name(&self) -> String {
        "rustfmt and clippy".to_owned()
    }

    fn detect(&self) -> Result<String> {
        for component in ["fmt", "clippy"] {
            command::capture(Command::new("cargo").args([component, "--version"]))?;
        }
        Ok(String::new())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        let add = || {
            let arguments = ["component", "add", "rustfmt", "clippy", "--toolchain", self.release.as_str()];
            command::inherit(Command::new("rustup").args(arguments))
        };
        vec![Way::new("rustup component add", add)]
    }

    fn by_hand(&self) -> String {
        format!("install rustfmt and clippy of Rust {}", self.release)
    }
}

fn installed_release() -> Result<String> {
    let version = command::capture(Command::new("rustc").arg("-vV"))?;
    match version.lines().find_map(|line| line.strip_prefix("release: ")) {
        Some(release) => Ok(release.to_owned()),
        None => bail!("`rustc -vV` names no release"),
    }
}
