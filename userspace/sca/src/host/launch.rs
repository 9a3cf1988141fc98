//! The trampoline of commands: what happens between the program that scans and the command that it runs.
//!
//! It is a process of its own, the program executed again, because it changes what threads share and cannot take back:
//! namespaces, root and session. It has one thread.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    os::fd::AsFd,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Command, ExitCode},
};

use rustix::{
    fs::{fstat, stat},
    io::Errno,
    process::{Signal, chroot, fchdir, nice, set_parent_process_death_signal, setsid},
};
use thiserror::Error;

use super::{Cause, launcher::NICENESS, namespaces, root::Root};

/// A command that is not there ends so, as in a shell.
const NOT_EXECUTED: u8 = 127;

/// Before the trampoline's own last words, in the command's output. No command's output begins so.
const MARK: &[u8] = b"\0rampart: command not launched: ";

/// Before the kernel's error, where the command is what it is about.
pub(super) const EXECUTE: &str = "execve: ";

/// Why a command was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LaunchError {
    /// It cannot be executed.
    #[error("{EXECUTE}{0}")]
    Execute(Cause),
    /// The root cannot be opened.
    #[error("root: {0}")]
    Root(Cause),
    /// The namespaces of the host's first process cannot be entered.
    #[error("namespaces (they take CAP_SYS_ADMIN, CAP_SYS_CHROOT and CAP_SYS_PTRACE): {0}")]
    Namespaces(Cause),
    /// The host's processes are outside the process namespace of this container, and the kernel lets nobody out. A command
    /// such as ps(1) finds not even itself then, and what it says instead would be taken for a result.
    #[error("processes: the scan must run in the host's process namespace (hostPID: true in a pod)")]
    Processes,
    /// The root cannot become that of this process.
    #[error("chroot: {0}")]
    Chroot(Cause),
}

/// Executes a command in the namespaces and the root of the host whose file system is seen at `root`, as the leader of a
/// session of its own, at a low priority, in the root's folder. It ends with the program that started it.
///
/// To be called by a process with one thread, for its hidden subcommand, after every inherited descriptor but the first
/// three was marked close-on-exec. Returns when the command could not be executed, or could not be executed in the place
/// of this process, with the exit code to end with.
#[must_use]
pub fn launch(root: &Path, words: &[OsString]) -> ExitCode {
    match enter(root).and_then(|child| execute(words, child)) {
        Ok(code) => code,
        Err(error) => {
            let told = [MARK, error.to_string().as_bytes()].concat();
            // The exit code tells as much as whoever does not listen wants to know.
            io::stderr().write_all(&told).unwrap_or_default();
            ExitCode::from(NOT_EXECUTED)
        }
    }
}

/// What the trampoline said instead of a command's output.
pub(super) fn said(output: &[u8]) -> Option<String> {
    Some(String::from_utf8_lossy(output.strip_prefix(MARK)?).into_owned())
}

/// Whether the command must be a child to be where it belongs.
fn enter(root: &Path) -> Result<bool, LaunchError> {
    // A process that leads a group already cannot have a session of its own, and runs nevertheless.
    setsid().map(drop).unwrap_or_default();
    set_parent_process_death_signal(Some(Signal::KILL)).unwrap_or_default();
    nice(NICENESS).map(drop).unwrap_or_default();
    let root = Root::open(root).map_err(|error| LaunchError::Root((&error).into()))?;
    if !root.is_foreign() {
        return Ok(false);
    }
    let as_child = match root.proc() {
        Ok(proc) => enter_namespaces(proc)?,
        // The root of a machine that does not run: it has a file system and nothing else.
        Err(_) => false,
    };
    change_root(&root).map_err(|errno| LaunchError::Chroot(errno.into()))?;
    Ok(as_child)
}

fn enter_namespaces(proc: impl AsFd) -> Result<bool, LaunchError> {
    let as_child = namespaces::move_children(&proc).map_err(|errno| match errno {
        Errno::INVAL => LaunchError::Processes,
        errno => LaunchError::Namespaces(errno.into()),
    })?;
    namespaces::join(&proc, &namespaces::OF_PROCESS)
        .map_err(|errno| LaunchError::Namespaces(errno.into()))?;
    Ok(as_child)
}

/// Entering the mounts of the host leads to its root, which is mostly the one that was asked for.
fn change_root(root: &Root) -> Result<(), Errno> {
    let (wanted, current) = (fstat(root.folder())?, stat("/")?);
    fchdir(root.folder())?;
    if (wanted.st_dev, wanted.st_ino) != (current.st_dev, current.st_ino) {
        chroot(".")?;
    }
    rustix::process::chdir("/")
}

fn execute(words: &[OsString], as_child: bool) -> Result<ExitCode, LaunchError> {
    let failed = |error: &io::Error| LaunchError::Execute(error.into());
    let (program, arguments) = words.split_first().ok_or(LaunchError::Execute(Errno::NOENT.into()))?;
    let mut command = Command::new(program);
    command.args(arguments);
    if !as_child {
        return Err(failed(&command.exec()));
    }
    let status = command.status().map_err(|error| failed(&error))?;
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    Ok(ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)))
}
