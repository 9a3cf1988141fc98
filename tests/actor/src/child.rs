//! Children that never execute another program.

use std::{
    io::{Read as _, Write as _},
    os::fd::OwnedFd,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use rustix::{
    pipe::{PipeFlags, pipe_with},
    process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, set_parent_process_death_signal, waitpid},
};
use serde_json::{Value as Json, json};

use crate::report::{Lacking, Report};

/// Longest life of a child that waits for its end.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) pid: u32,
    pub(crate) status: WaitStatus,
    /// What it said it did; nothing where it ended, or executed something, before it could.
    pub(crate) report: Option<Json>,
}

impl Ended {
    /// Adds this to the report of the parent.
    pub(crate) fn add_to(self, report: Report) -> Report {
        let child = json!({
            "pid": self.pid,
            "code": self.status.exit_status(),
            "signal": self.status.terminating_signal(),
            "report": self.report,
        });
        report.with("child", child)
    }
}

/// Does `work` in a forked child, and waits for it.
///
/// # Errors
/// Those of `work`, and when there can be no child.
pub(crate) fn run(work: impl FnOnce() -> anyhow::Result<Report>) -> anyhow::Result<Ended> {
    let (from_child, to_parent) = pipe_with(PipeFlags::CLOEXEC)?;
    let pid = fork(|| tell(to_parent.try_clone()?, work()))?;
    drop(to_parent);
    let mut said = String::new();
    std::fs::File::from(from_child).read_to_string(&mut said)?;
    let status = wait(pid)?;
    let said: Json = if said.is_empty() { Json::Null } else { serde_json::from_str(&said)? };
    if let Some(lacking) = said.get("lacking").and_then(Json::as_str) {
        return Err(Lacking(lacking.to_owned()).into());
    }
    if let Some(error) = said.get("error").and_then(Json::as_str) {
        return Err(anyhow!("in the child: {error}"));
    }
    let report = said.get("report").cloned();
    Ok(Ended { pid: number(pid), status, report })
}

/// Through a pipe, since both ends would write to one stdout.
fn tell(to_parent: OwnedFd, result: anyhow::Result<Report>) -> anyhow::Result<()> {
    let line = match result {
        Ok(report) => json!({ "report": report.into_json() }),
        Err(error) if error.is::<Lacking>() => json!({ "lacking": format!("{error:#}") }),
        Err(error) => json!({ "error": format!("{error:#}") }),
    };
    Ok(write!(std::fs::File::from(to_parent), "{line}")?)
}

/// Forks; the child does `work` and ends.
pub(crate) fn fork(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Pid> {
    // SAFETY: this program has one thread where it forks, so the child may go on as it likes.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let code = i32::from(work().is_err());
        // SAFETY: ends the process without running what belongs to its parent.
        unsafe { libc::_exit(code) };
    }
    crate::raw::checked(pid.into())?;
    Pid::from_raw(pid).context("fork gave no process id")
}

pub(crate) fn wait(pid: Pid) -> anyhow::Result<WaitStatus> {
    let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED)?.context("nobody to wait for")?;
    Ok(status)
}

pub(crate) fn number(pid: Pid) -> u32 {
    pid.as_raw_nonzero().get().unsigned_abs()
}

/// A child that does nothing, for deeds that are done to another process. It ends with its owner.
#[derive(Debug)]
pub(crate) struct Victim(Pid);

impl Victim {
    pub(crate) fn start() -> anyhow::Result<Self> {
        Self::start_after(|| Ok(()))
    }

    /// Begins with `work`; the child is ready when this returns.
    pub(crate) fn start_after(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Self> {
        let (from_child, to_parent) = pipe_with(PipeFlags::CLOEXEC)?;
        let pid = fork(|| {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            work()?;
            rustix::io::write(&to_parent, b"+")?;
            std::thread::sleep(PATIENCE);
            Ok(())
        })?;
        drop(to_parent);
        let victim = Self(pid);
        std::fs::File::from(from_child).read_exact(&mut [0]).context("the child could not be prepared")?;
        Ok(victim)
    }

    pub(crate) const fn pid(&self) -> Pid {
        self.0
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It may have ended by the deed already.
        kill_process(self.0, Signal::KILL).unwrap_or_default();
        wait(self.0).map(drop).unwrap_or_default();
    }
}
