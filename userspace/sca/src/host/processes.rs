//! What `p:` rules ask of the host.

use std::{
    fs::File,
    io::Read as _,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    fs::{Dir, Mode, OFlags, ResolveFlags, openat2},
    io::Errno,
};
use thiserror::Error;

use super::{Cause, Host};

/// Longer than any name that the kernel gives: workers' are the longest (fs/proc/array.c, proc_task_name).
const NAME_BYTES: u64 = 64;

/// A process of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id as the host sees it.
    pub pid: u32,
    /// Its short name, at most 15 bytes but for the kernel's own workers: what `ps -p` shows under CMD. The process chooses
    /// it, so it need not be UTF-8.
    pub name: Vec<u8>,
}

/// Why the processes cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProcessFault {
    /// The root's /proc has no processes, so nothing is mounted there.
    #[error("no process file system is mounted on /proc of the scanned root")]
    NoProc,
    /// It cannot be listed.
    #[error("could not list the processes in /proc: {0}")]
    Unread(Cause),
}

impl Host {
    /// All processes there are, by their ids. One walk: whoever asks more than once keeps them.
    ///
    /// # Errors
    /// When the root's /proc is none, or cannot be listed.
    pub fn processes(&self) -> Result<Vec<Process>, ProcessFault> {
        let proc = self.root.proc_folder().map_err(|errno| match errno {
            Errno::NOENT => ProcessFault::NoProc,
            errno => ProcessFault::Unread(errno.into()),
        })?;
        let mut processes = list(&proc).map_err(|errno| ProcessFault::Unread(errno.into()))?;
        if processes.is_empty() {
            return Err(ProcessFault::NoProc);
        }
        processes.sort_unstable_by_key(|process| process.pid);
        Ok(processes)
    }
}

fn list(proc: &OwnedFd) -> Result<Vec<Process>, Errno> {
    let mut processes = Vec::new();
    for entry in Dir::read_from(proc)? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().ok().and_then(|name| name.parse().ok()) else { continue };
        // Without a name it is gone.
        if let Some(name) = name(proc, pid) {
            processes.push(Process { pid, name });
        }
    }
    Ok(processes)
}

fn name(proc: impl AsFd, pid: u32) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    // Where /proc is an ordinary folder, what is in it may be anything.
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let file = openat2(proc, format!("{pid}/comm"), flags, Mode::empty(), resolve).ok()?;
    let mut name = Vec::new();
    File::from(file).take(NAME_BYTES).read_to_end(&mut name).ok()?;
    if name.last() == Some(&b'\n') {
        name.pop();
    }
    Some(name)
}
