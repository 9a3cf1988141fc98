//! Giving images to the node, which can pull none.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;

use super::{folder::Folder, node::Node};
use crate::command;

/// Where the node's containerd is asked.
pub(super) const SOCKET: &str = "/run/containerd/containerd.sock";

/// Which images to give it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Load {
    /// Their archives.
    #[arg(required = true)]
    archives: Vec<PathBuf>,
}

impl Load {
    /// Of these.
    pub(crate) fn of(archives: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { archives: archives.into_iter().collect() }
    }

    pub(super) fn words(&self) -> Vec<OsString> {
        let archives = self.archives.iter().map(|archive| archive.clone().into_os_string());
        std::iter::once("load".into()).chain(archives).collect()
    }

    pub(super) fn run(&self, folder: &Folder) -> Result<()> {
        let node = Node::kept(folder).context("the cluster is not up; `cargo xtask cluster up` makes it")?;
        for archive in &self.archives {
            // The node has another folder to be in.
            let archive = archive.canonicalize().with_context(|| format!("no {}", archive.display()))?;
            import(&node, &archive)?;
            println!("loaded {}", archive.display());
        }
        Ok(())
    }
}

/// Hands an archive to the node's containerd, for pods.
pub(super) fn import(node: &Node, archive: &Path) -> Result<()> {
    let mut import = node.command("ctr");
    import.args(["--address", SOCKET, "--namespace", "k8s.io", "images", "import"]).arg(archive);
    command::capture(&mut import).map(drop).with_context(|| format!("cannot import {}", archive.display()))
}
