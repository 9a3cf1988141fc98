//! What is done at a terminal.

use std::{fs::File, io, process::Command};

use anyhow::Context as _;
use rustix::{
    io::Errno,
    pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt},
};

use crate::{arguments::Arguments, program, report::Report};

/// Does another deed in a program whose input, output and errors are a terminal.
pub(crate) fn perform(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let controller = openpt(flags).context("opening a pseudo-terminal")?;
    unlockpt(&controller)?;
    let terminal = ioctl_tiocgptpeer(&controller, flags)?;
    let mut command = Command::new(program::this()?);
    command.args(arguments.words());
    command.stdin(terminal.try_clone()?).stdout(terminal.try_clone()?).stderr(terminal);
    let mut child = command.spawn()?;
    // Its ends of the terminal: only when nobody has any, reading comes to an end.
    drop(command);
    let said = read(File::from(controller))?;
    let inner = program::report(child.wait()?, &said, &said)?;
    Ok(Report::new().with("inner", inner))
}

/// What was written to the terminal until the last program has closed it, which is told as an error.
fn read(mut controller: File) -> anyhow::Result<Vec<u8>> {
    let mut said = Vec::new();
    match io::copy(&mut controller, &mut said) {
        Err(error) if Errno::from_io_error(&error) != Some(Errno::IO) => Err(error.into()),
        _ => Ok(said),
    }
}
