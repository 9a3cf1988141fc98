//! The same deeds by ways that are easily overlooked.

use std::thread;

use anyhow::{Context as _, anyhow};
use rustix::fs::{CWD, Mode, OFlags, openat};

use crate::{arguments::Arguments, child, deed, report::Report};

/// In a thread that is not the first.
pub(crate) fn thread_open(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let (thread, result) = thread::scope(|scope| {
        let open = || {
            let result = openat(CWD, path, OFlags::RDONLY, Mode::empty());
            (child::number(rustix::thread::gettid()), result)
        };
        let second = thread::Builder::new().spawn_scoped(scope, open)?;
        second.join().map_err(|_| anyhow!("the second thread came to an end of its own"))
    })?;
    Report::new().path("path", path).with("thread", thread).outcome(result)
}

/// In a process that is a copy of the actor and has never executed anything.
pub(crate) fn fork_without_exec(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let ended = child::run(|| deed::perform(arguments))?;
    Ok(ended.add_to(Report::new()))
}

/// By the 32-bit way into a 64-bit kernel.
pub(crate) fn int80_open(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    // In a child, which a kernel without that way ends by a fault.
    let ended = child::run(|| int80::open(path))?;
    if ended.report.is_none() {
        let signal = ended.status.terminating_signal().context("no report from the child")?;
        return Err(crate::report::Lacking(format!("unsupported: signal {signal}")).into());
    }
    Ok(ended.add_to(Report::new()).path("path", path))
}

#[cfg(target_arch = "x86_64")]
mod int80;

#[cfg(not(target_arch = "x86_64"))]
mod int80 {
    use std::path::Path;

    use super::Report;

    pub(super) fn open(_: &Path) -> anyhow::Result<Report> {
        Err(crate::report::Lacking("unsupported: not on this architecture".to_owned()).into())
    }
}
