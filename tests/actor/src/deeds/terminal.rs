//! What people do, who sit at a terminal.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read as _},
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt as _, process::CommandExt as _},
    },
    process::Command,
};

use anyhow::Context as _;
use rustix::{
    fs::{Mode, OFlags, open},
    process::{ioctl_tiocsctty, setsid},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    stdio::stdin,
};

use crate::{arguments::Arguments, program, report::Report};

/// Does another deed with a new terminal for input and output, in a session of its own.
pub(crate) fn perform(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let this = program::this()?;
    let (ours, theirs) = pair()?;
    let mut command = Command::new(&this);
    command.args(arguments.words());
    command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
    // SAFETY: between fork and exec it makes two system calls and nothing else.
    unsafe { command.pre_exec(control) };
    let mut child = command.spawn()?;
    // Only the child has the other end open from here on: reading ends with it.
    drop(command);
    let said = drain(ours);
    let status = child.wait()?;
    let inner = program::judge(status, said.lines().last().unwrap_or_default().as_bytes(), &said)?;
    Ok(Report::new().with("inner", inner).with("said", said))
}

/// Both ends of a new terminal.
fn pair() -> anyhow::Result<(OwnedFd, OwnedFd)> {
    let ours =
        openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).context("no terminal")?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let name = ptsname(&ours, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = open(OsStr::from_bytes(name.to_bytes()), flags, Mode::empty())?;
    Ok((ours, theirs))
}

fn control() -> io::Result<()> {
    setsid()?;
    Ok(ioctl_tiocsctty(stdin())?)
}

/// Everything that is written to the terminal until nobody has it open any more, which is told as an error.
fn drain(terminal: OwnedFd) -> String {
    let mut said = Vec::new();
    File::from(terminal).read_to_end(&mut said).map(drop).unwrap_or_default();
    String::from_utf8_lossy(&said).into_owned()
}
