//! The program that answers for the names of services, built from its sources once and kept for all checkouts.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::Instant,
};

use anyhow::{Context, Result};

use super::program;
use crate::setup;

/// The module of the program, and what `kubeadm` calls it.
const MODULE: &str = "github.com/coredns/coredns";
pub(super) const NAME: &str = "coredns";

/// Its version. `kubeadm` of the series above would take a newer one; what it configures, this one knows.
pub(super) const VERSION: &str = "v1.12.4";

/// The program on this disk.
#[derive(Debug, Clone)]
pub(super) struct NameServer {
    folder: PathBuf,
}

impl NameServer {
    /// The one that is kept, or else a new one.
    pub(super) fn get() -> Result<Self> {
        let server = Self { folder: program::cache()?.join(NAME).join(VERSION) };
        if server.is_built() {
            return Ok(server);
        }
        fs::create_dir_all(&server.folder)
            .with_context(|| format!("cannot create {}", server.folder.display()))?;
        let lock = File::create(server.folder.join("lock"))?;
        lock.lock().context("cannot lock the folder of the name server")?;
        // Another process may have built it while this one waited.
        if !server.is_built() {
            println!("building CoreDNS {VERSION}: once, in about three minutes");
            let start = Instant::now();
            setup::install_go_program(MODULE, VERSION, &server.program())?;
            println!("built CoreDNS {VERSION} in {} s", start.elapsed().as_secs());
        }
        drop(lock);
        Ok(server)
    }

    /// The program.
    pub(super) fn program(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn is_built(&self) -> bool {
        self.program().is_file()
    }
}
