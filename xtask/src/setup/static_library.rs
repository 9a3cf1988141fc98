//! The C library as an archive: what is shipped has it inside.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use super::{Need, Way, system_program};
use crate::{command, workspace::Workspace};

/// The library itself, and what starts a program that may lie anywhere in memory.
const PARTS: [&str; 2] = ["libc.a", "rcrt1.o"];

/// Debian's package; Fedora has it in one of its own.
const PACKAGE: &str = "libc6-dev";

/// The archive of glibc.
pub(super) struct StaticLibrary {
    logs: PathBuf,
}

impl StaticLibrary {
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self { logs: workspace.tools() }
    }
}

impl Need for StaticLibrary {
    fn name(&self) -> String {
        "static C library".to_owned()
    }

    fn detect(&self) -> Result<String> {
        for part in PARTS {
            let found = command::capture(Command::new("cc").arg(format!("-print-file-name={part}")))?;
            // A compiler that does not find it says the name again.
            if found == part {
                bail!("no {part}");
            }
        }
        Ok(String::new())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way::new("apt-get install", || system_program::install_packages(&self.logs, &[PACKAGE]))]
    }

    fn by_hand(&self) -> String {
        format!(
            "install a C compiler and glibc's libc.a: {PACKAGE} of Debian and Ubuntu, glibc-static of Fedora"
        )
    }
}
