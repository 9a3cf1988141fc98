//! The sorts of processors that the daemon is built for.

use std::{env::consts::ARCH, path::Path, process::Command};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::command;

/// A sort of processor, by Rust's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Architecture {
    #[value(name = "x86_64")]
    X86_64,
    #[value(name = "aarch64")]
    Aarch64,
}

impl Architecture {
    /// The one this program runs on.
    pub(crate) fn of_this_machine() -> Result<Self> {
        let known = Self::value_variants().iter().copied().find(|known| known.name() == ARCH);
        known.with_context(|| format!("the agent is not built for {ARCH}"))
    }

    /// Rust's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// The name in images.
    pub(crate) fn of_image(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Aarch64 => "arm64",
        }
    }

    /// What Rust builds for.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Whether what is built runs here without an emulator.
    pub(crate) fn is_native(self) -> bool {
        self.name() == ARCH
    }

    /// A program of the GNU tools for it: `gcc`, `objcopy`.
    pub(crate) fn tool(self, name: &str) -> String {
        if self.is_native() { name.to_owned() } else { format!("{}-linux-gnu-{name}", self.name()) }
    }

    /// Tells Cargo how to build for it from here.
    pub(super) fn prepare(self, cargo: &mut Command) -> Result<()> {
        if self.is_native() {
            return Ok(());
        }
        let (compiler, triple) = (self.tool("gcc"), self.triple());
        cargo.env(format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_")), &compiler);
        if !has_library(triple)? {
            // Where rustup brings no standard library for it, one is made from the sources, which are here for the
            // BPF programs. A stable compiler wants to be told that it may.
            cargo.arg("-Zbuild-std=std,panic_unwind").env("RUSTC_BOOTSTRAP", "1");
        }
        Ok(())
    }
}

fn has_library(triple: &str) -> Result<bool> {
    let sysroot = command::capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(&sysroot).join("lib/rustlib").join(triple).join("lib").is_dir())
}

#[cfg(test)]
mod tests {
    use super::Architecture;
    use clap::ValueEnum as _;

    #[test]
    fn tools_of_another_processor_have_its_name() {
        for architecture in Architecture::value_variants() {
            let tool = architecture.tool("objcopy");
            let prefix = format!("{}-linux-gnu-", architecture.name());
            assert_eq!(tool.starts_with(&prefix), !architecture.is_native(), "{tool}");
            assert!(architecture.triple().starts_with(architecture.name()));
        }
        assert!(Architecture::of_this_machine().unwrap().is_native());
    }
}
