//! Into other namespaces and roots.

use std::ffi::c_long;

use anyhow::Context as _;
use rustix::{
    process::{PidfdFlags, chroot as change_root, pidfd_open},
    thread::{
        LinkNameSpaceType, ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces,
    },
};

use crate::{
    arguments::Arguments,
    child::{self, Victim},
    namespace::{flags, of_this_process, unshare},
    raw::{address, call, checked},
    report::Report,
};

/// Leaves a namespace and goes back to it, which is a true change of namespaces without another process.
pub(crate) fn setns(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let name = arguments.choice(0, &["uts", "mnt", "net", "ipc", "cgroup", "pid"])?;
    let wanted = flags(name)?;
    let home = of_this_process(name)?;
    unshare(wanted).context("unshare")?;
    let which = match name {
        "mnt" => LinkNameSpaceType::Mount,
        "net" => LinkNameSpaceType::Network,
        "ipc" => LinkNameSpaceType::InterProcessCommunication,
        "cgroup" => LinkNameSpaceType::ControlGroup,
        "pid" => LinkNameSpaceType::ProcessID,
        _ => LinkNameSpaceType::HostNameAndNISDomainName,
    };
    let result = move_into_link_name_space(std::os::fd::AsFd::as_fd(&home), Some(which));
    Report::new().with("types", name).outcome(result)
}

/// Joins a child of its own in several namespaces at once.
pub(crate) fn setns_of_process(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let names = arguments.text(0)?;
    let wanted = flags(names)?;
    let child = Victim::start_after(|| Ok(unshare(wanted)?))?;
    let process = pidfd_open(child.pid(), PidfdFlags::empty())?;
    let which = ThreadNameSpaceType::from_bits_retain(wanted.bits());
    let result = move_into_thread_name_spaces(std::os::fd::AsFd::as_fd(&process), which);
    Report::new().with("types", names).with("of", child::number(child.pid())).outcome(result)
}

pub(crate) fn leave(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let names = arguments.text(0)?;
    Report::new().with("types", names).outcome(unshare(flags(names)?))
}

/// struct clone_args of clone3(2), in its first form.
#[repr(C)]
#[derive(Default)]
struct CloneArguments {
    flags: u64,
    descriptor: u64,
    child_thread_id: u64,
    parent_thread_id: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
}

pub(crate) fn clone(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let names = arguments.text(0)?;
    let wanted = u64::from(flags(names)?.bits());
    let exit_signal = u64::from(libc::SIGCHLD.unsigned_abs());
    let third = CloneArguments { flags: wanted, exit_signal, ..CloneArguments::default() };
    let with_signal = usize::try_from(wanted | exit_signal)?;
    let result = if arguments.choice(1, &["clone", "clone3"])? == "clone3" {
        // SAFETY: no flag shares memory, so this is a fork; the structure outlives the call.
        unsafe { call(libc::SYS_clone3, [address(&third), size_of::<CloneArguments>()]) }
    } else {
        // SAFETY: no flag shares memory, so this is a fork.
        unsafe { call(libc::SYS_clone, [with_signal]) }
    };
    if result == Ok(0) {
        // SAFETY: the child ends without running what belongs to its parent.
        unsafe { libc::_exit(0) };
    }
    let report = Report::new().with("types", names);
    let Ok(pid) = result else { return report.outcome(result) };
    let pid = libc::pid_t::try_from(pid)?;
    // SAFETY: it waits for the child and wants no status.
    let ended = unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
    checked(c_long::from(ended))?;
    report.with("child", pid).outcome(result)
}

pub(crate) fn chroot(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let root = arguments.path(0)?;
    Report::new().path("root", root).outcome(change_root(root))
}
