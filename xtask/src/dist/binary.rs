//! The binary as it is shipped: without what only debuggers read, which goes into a file beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{folder, scratch, source::Source};
use crate::{
    archive,
    build::{self, Architecture},
    command,
    workspace::Workspace,
};

/// What its archive has beside it.
const DOCUMENTS: [&str; 2] = ["LICENSE", "CHANGELOG.md"];

/// The binary for one sort of processor.
#[derive(Debug)]
pub(super) struct Shipped {
    architecture: Architecture,
    binary: PathBuf,
    debugging: PathBuf,
}

impl Shipped {
    /// Builds it, and takes it apart.
    pub(super) fn make(workspace: &Workspace, architecture: Architecture) -> Result<Self> {
        let built = build::shipped(workspace, architecture)?;
        let binary = folder(workspace)?.join(name(architecture));
        let debugging = binary.with_file_name(format!("{}.debug", name(architecture)));
        let objcopy = || Command::new(architecture.tool("objcopy"));
        command::capture(
            objcopy().args(["--only-keep-debug", "--compress-debug-sections"]).arg(&built).arg(&debugging),
        )?;
        let mut link = std::ffi::OsString::from("--add-gnu-debuglink=");
        link.push(&debugging);
        command::capture(objcopy().arg("--strip-all").arg(link).arg(&built).arg(&binary))?;
        Ok(Self { architecture, binary, debugging })
    }

    pub(super) fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// What runs.
    pub(super) fn binary(&self) -> &Path {
        &self.binary
    }

    /// What a debugger finds beside it.
    pub(super) fn debugging(&self) -> &Path {
        &self.debugging
    }

    /// The archive for machines without containers.
    pub(super) fn pack(&self, workspace: &Workspace, source: &Source) -> Result<PathBuf> {
        let name = name(self.architecture);
        let contents = scratch(workspace, "binary")?;
        let inner = contents.join(&name);
        fs::create_dir_all(&inner).with_context(|| format!("cannot create {}", inner.display()))?;
        let documents = DOCUMENTS.map(|document| (workspace.root().join(document), inner.join(document)));
        for (from, to) in documents.into_iter().chain([(self.binary.clone(), inner.join("rampart"))]) {
            fs::copy(&from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
        let archive = folder(workspace)?.join(format!("{name}.tar.gz"));
        command::capture(archive::packed_tar(&contents, &archive, source.time).arg(&name))?;
        Ok(archive)
    }
}

/// What files for one sort of processor are called.
pub(super) fn name(architecture: Architecture) -> String {
    format!("rampart-{}-{}-linux", Source::version(), architecture.name())
}
