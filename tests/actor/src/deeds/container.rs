//! What the daemon takes for a container, without a runtime: a cgroup that is named like one.

use std::{ffi::OsString, os::fd::AsFd as _, process::Command};

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use crate::{arguments::Arguments, cgroup::Cgroup, child, namespace, program, report::Report};

/// Longest life of a process that waits for its end, in milliseconds.
const LIFE: &str = "20000";

/// Does another deed as the first process of a container.
pub(crate) fn perform(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let id = arguments.text(0)?;
    let cgroup = Cgroup::create(id)?;
    let this = program::this()?;
    let ended = child::run(|| {
        cgroup.enter()?;
        namespace::unshare(UnshareFlags::NEWPID)?;
        namespace::private_mounts()?;
        // The daemon learns of the cgroup when a program is executed there, as with a real container's first.
        let inner = program::perform(&this, arguments.after(1).words())?;
        Ok(Report::new().with("inner", inner))
    })?;
    Ok(ended.add_to(Report::new().with("id", id).path("cgroup", cgroup.path())))
}

/// One container ends the process of another. The first shares the host's process ids, or it could not reach it.
pub(crate) fn two(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (first, second) = (arguments.text(0)?, arguments.text(1)?);
    let (sender, receiver) = (Cgroup::create(first)?, Cgroup::create(second)?);
    let ended = child::run(|| across(&sender, &receiver))?;
    Ok(ended.add_to(Report::new().with("sender", first).with("receiver", second)))
}

fn across(sender: &Cgroup, receiver: &Cgroup) -> anyhow::Result<Report> {
    let this = program::this()?;
    let home = namespace::of_this_process("pid")?;
    receiver.enter()?;
    namespace::unshare(UnshareFlags::NEWPID)?;
    let mut victim = Command::new(&this).args(["sleep", LIFE]).spawn()?;
    move_into_link_name_space(home.as_fd(), Some(LinkNameSpaceType::ProcessID))?;
    sender.enter()?;
    // The first process of a container cannot be ended by anything less.
    let words = ["kill", &victim.id().to_string(), "9"].map(OsString::from);
    let inner = program::perform(&this, &words);
    if inner.is_err() {
        victim.kill()?;
    }
    victim.wait()?;
    Ok(Report::new().with("inner", inner?))
}
