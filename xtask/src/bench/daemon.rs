//! Processes that watch the machine while it is measured, and do not outlive that.

use std::{
    os::unix::process::CommandExt as _,
    process::{Child, Command},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::cleanup::Cleanup;
use crate::{command, patience};

/// A running process; it ends when this is dropped, and when this process ends in any other way.
#[derive(Debug)]
pub(super) struct Daemon {
    name: String,
    child: Child,
    /// Sends the signal that ends it.
    ending: Option<Cleanup>,
}

impl Daemon {
    /// Starts it; `signal` is the name of the one that ends it well.
    pub(super) fn start(command: &mut Command, signal: &str) -> Result<Self> {
        let name = command::describe(command);
        // Ctrl-C is not for it: its end comes in the one way that there is.
        let child = command.process_group(0).spawn().with_context(|| format!("cannot start `{name}`"))?;
        let mut daemon = Self { name, child, ending: None };
        let id = daemon.id().to_string();
        daemon.ending = Some(Cleanup::new("kill -s \"$1\" \"$2\"", &[signal, &id])?);
        Ok(daemon)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error when it has ended by itself.
    pub(super) fn check(&self) -> Result<()> {
        let id = Pid::from_child(&self.child);
        // It is not waited for in earnest: as long as it is not, nobody else gets its id, and the signal.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if waitid(WaitId::Pid(id), options)?.is_some() {
            bail!("`{}` ended by itself", self.name);
        }
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.ending.take());
        let child = &mut self.child;
        let ended = patience::until(&self.name, || Ok(child.try_wait()?.is_some()));
        if ended.is_err() && self.child.kill().is_ok() {
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Daemon;
    use std::{path::PathBuf, process::Command};

    #[test]
    fn it_ends_with_its_guard() {
        let daemon = Daemon::start(Command::new("sleep").arg("60"), "TERM").unwrap();
        daemon.check().unwrap();
        let process = PathBuf::from(format!("/proc/{}", daemon.id()));
        assert!(process.exists());
        drop(daemon);
        assert!(!process.exists());
    }

    #[test]
    fn an_early_end_is_seen() {
        let daemon = Daemon::start(Command::new("true").env_clear(), "TERM").unwrap();
        while daemon.check().is_ok() {}
        assert!(daemon.check().unwrap_err().to_string().contains("`true` ended"));
    }
}
