//! Into the memory of another process: a child of the actor's own.

use std::ffi::{c_long, c_uint};

use rustix::{io::Errno, process::Pid};

use crate::{
    arguments::Arguments,
    child::{self, Victim},
    raw::{address, call, checked},
    report::Report,
};

/// A word that exists at the same address in every child.
static MARK: u64 = 0x6d61_726b;

fn trace(request: c_uint, victim: Pid, place: usize, data: usize) -> Result<c_long, Errno> {
    let request = c_long::from(request);
    let request = usize::try_from(request).map_err(|_| Errno::INVAL)?;
    let pid = child::number(victim) as usize;
    // SAFETY: what is written, is written in the victim.
    let result = unsafe { call(libc::SYS_ptrace, [request, pid, place, data]) };
    result.map(|value| c_long::try_from(value).unwrap_or_default())
}

fn report(victim: &Victim) -> Report {
    Report::new().with("target", child::number(victim.pid()))
}

pub(crate) fn attach(_: Arguments<'_>) -> anyhow::Result<Report> {
    let victim = Victim::start()?;
    let result = trace(libc::PTRACE_ATTACH, victim.pid(), 0, 0);
    if result.is_ok() {
        child::wait(victim.pid())?;
        trace(libc::PTRACE_DETACH, victim.pid(), 0, 0)?;
    }
    report(&victim).outcome(result)
}

pub(crate) fn seize(_: Arguments<'_>) -> anyhow::Result<Report> {
    let victim = Victim::start()?;
    report(&victim).outcome(trace(libc::PTRACE_SEIZE, victim.pid(), 0, 0))
}

/// Writes a word into the victim.
pub(crate) fn poke(_: Arguments<'_>) -> anyhow::Result<Report> {
    let victim = Victim::start()?;
    trace(libc::PTRACE_ATTACH, victim.pid(), 0, 0)?;
    child::wait(victim.pid())?;
    let result = trace(libc::PTRACE_POKEDATA, victim.pid(), address(&MARK), 1);
    report(&victim).outcome(result)
}

/// A child lets the actor trace it.
pub(crate) fn traceme(_: Arguments<'_>) -> anyhow::Result<Report> {
    let child = child::run(|| {
        // SAFETY: the request takes no addresses.
        let result = unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
        Report::new().outcome(checked(result))
    })?;
    Ok(child.add_to(Report::new()))
}

fn across(number: c_long) -> anyhow::Result<Report> {
    let victim = Victim::start()?;
    let mut word = [0_u8; 8];
    let here = libc::iovec { iov_base: word.as_mut_ptr().cast(), iov_len: word.len() };
    // The victim is a fork: this buffer is at the same place there.
    let there = libc::iovec { iov_base: here.iov_base, iov_len: here.iov_len };
    let pid = child::number(victim.pid()) as usize;
    // SAFETY: both lists have one entry, and outlive the call, like the buffer.
    let result = unsafe { call(number, [pid, address(&here), 1, address(&there), 1, 0]) };
    report(&victim).with("bytes", *result.as_ref().unwrap_or(&0)).outcome(result)
}

pub(crate) fn read(_: Arguments<'_>) -> anyhow::Result<Report> {
    across(libc::SYS_process_vm_readv)
}

pub(crate) fn write(_: Arguments<'_>) -> anyhow::Result<Report> {
    across(libc::SYS_process_vm_writev)
}
