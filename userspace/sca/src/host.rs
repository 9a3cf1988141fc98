//! The scanned host: every access of the engine to files, folders, processes and commands.
//!
//! What is scanned may be hostile. Nothing here waits without an end, keeps more than [`Limits`] says, opens what is no
//! regular file, or leaves the host's root. What cannot be known is a fault, and a fault's text is the reason that a
//! result is not applicable: the stock agent's words (Wazuh 4.x) where it has some.

mod argv;
mod cause;
mod child;
mod command;
mod file;
mod folder;
mod governor;
mod launch;
mod launcher;
mod limits;
mod lines;
mod namespaces;
mod output;
mod processes;
mod root;

use std::{io, path::PathBuf, sync::OnceLock};

pub use self::{
    argv::words,
    cause::Cause,
    command::{CommandFault, CommandOutcome, Ending},
    file::{Existence, FileFacts, FileFault},
    folder::{FolderExistence, FolderFault, WalkFacts, Walked},
    governor::{CpuShare, Governor},
    launch::{LaunchError, launch},
    launcher::Launcher,
    limits::Limits,
    processes::{Process, ProcessFault},
};
use self::{child::Leftovers, root::Root};

/// What a [`Host`] is made of.
#[derive(Debug)]
pub struct HostConfig {
    /// Where the host's file system is seen: `/`, or a folder such as `/host` in a container.
    pub root: PathBuf,
    /// How much of everything one rule may take.
    pub limits: Limits,
    /// How commands are started.
    pub launcher: Launcher,
    /// Whether folders of remote file systems are left alone, as the stock agent's `skip_nfs`.
    pub skip_nfs: bool,
    /// How much of one CPU a scan may take; none: all of it.
    pub cpu_share: Option<CpuShare>,
}

/// The scanned host. Any number of threads may use it at once.
#[derive(Debug)]
pub struct Host {
    root: Root,
    limits: Limits,
    launcher: Launcher,
    skip_nfs: bool,
    governor: Governor,
    leftovers: Leftovers,
    // Why a thread that looks is not in the host's namespaces.
    outside: OnceLock<Cause>,
}

impl Host {
    /// Opens the host's root.
    ///
    /// # Errors
    /// When the root is no folder that can be opened, when the kernel cannot keep paths inside it (openat2(2), before
    /// Linux 5.6), or when the launcher cannot run commands in that root.
    pub fn new(config: HostConfig) -> io::Result<Self> {
        let root = Root::open(&config.root)?;
        if root.is_foreign() && matches!(config.launcher, Launcher::Direct) {
            let what = "commands of another root are started through the program itself";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        Ok(Self {
            root,
            limits: config.limits,
            launcher: config.launcher,
            skip_nfs: config.skip_nfs,
            governor: Governor::new(config.cpu_share),
            leftovers: Leftovers::default(),
            outside: OnceLock::new(),
        })
    }

    /// What keeps a scan to its share of the CPU. Commands are governed by themselves; work of the engine's own goes
    /// through [`Governor::run`].
    #[must_use]
    pub const fn governor(&self) -> &Governor {
        &self.governor
    }

    /// Moves the calling thread into the host's network, UTS and IPC namespaces, where a foreign root has a /proc that
    /// tells of them: what /proc/sys says of these depends on the thread that looks. To be called by each thread that
    /// reads files of the host, before it does, and by none that is used for anything else afterwards.
    ///
    /// Where the kernel refuses (it takes CAP_SYS_ADMIN, and CAP_SYS_PTRACE to look at the host's first process), files of
    /// /proc/sys have no answer from then on: theirs would be those of the container.
    pub fn enter(&self) {
        if !self.root.is_foreign() {
            return;
        }
        let Ok(proc) = self.root.proc() else { return };
        if let Err(errno) = namespaces::join(&proc, &namespaces::OF_THREAD) {
            self.outside.get_or_init(|| errno.into());
        }
    }
}
