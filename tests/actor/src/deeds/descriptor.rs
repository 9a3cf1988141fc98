//! A socket in the place of standard input, output and error, as a reverse shell begins.

use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};

use rustix::{
    io::{Errno, fcntl_dupfd_cloexec},
    net::{SocketType, connect},
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stderr, stdin, stdout},
};

use super::network::new_socket;
use crate::{
    arguments::Arguments,
    raw::{call, checked},
    report::Report,
};

/// Above the standard descriptors.
const FREE: RawFd = 10;

pub(crate) fn dup_socket_onto_stdio(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let address = arguments.value(0)?;
    let way = arguments.choice(1, &["dup2", "dup3", "dup", "fcntl"])?;
    let socket = new_socket(address, SocketType::STREAM)?;
    connect(&socket, &address)?;
    let saved = [stdin(), stdout(), stderr()].map(|standard| fcntl_dupfd_cloexec(standard, FREE));
    let result = (0..3).try_for_each(|number| put(&socket, number, way));
    restore(saved)?;
    Report::new().with("address", address.to_string()).with("call", way).outcome(result)
}

fn put(socket: &OwnedFd, number: RawFd, way: &str) -> Result<(), Errno> {
    let descriptor = socket.as_raw_fd();
    match way {
        "dup3" => onto(libc::SYS_dup3, descriptor, number),
        "dup" | "fcntl" => {
            // SAFETY: what it was is saved, and nothing is printed before that is back in its place.
            let closed = unsafe { libc::close(number) };
            checked(closed.into())?;
            lowest(socket, number, way)
        }
        _ => dup2(descriptor, number),
    }
}

#[cfg(target_arch = "x86_64")]
fn dup2(descriptor: RawFd, number: RawFd) -> Result<(), Errno> {
    onto(libc::SYS_dup2, descriptor, number)
}

#[cfg(not(target_arch = "x86_64"))]
fn dup2(descriptor: RawFd, number: RawFd) -> Result<(), Errno> {
    onto(libc::SYS_dup3, descriptor, number)
}

fn onto(call_number: std::ffi::c_long, descriptor: RawFd, number: RawFd) -> Result<(), Errno> {
    let arguments = [descriptor.unsigned_abs() as usize, number.unsigned_abs() as usize, 0];
    // SAFETY: the standard descriptors are saved, and put back before anything uses them.
    unsafe { call(call_number, arguments) }.map(drop)
}

/// The kernel gives the lowest number that is free, which is the one just closed.
fn lowest(socket: &OwnedFd, number: RawFd, way: &str) -> Result<(), Errno> {
    let descriptor = socket.as_raw_fd();
    let result = if way == "dup" {
        // SAFETY: makes a descriptor that is put back before anything uses it.
        unsafe { libc::dup(descriptor) }
    } else {
        // SAFETY: as above.
        unsafe { libc::fcntl(descriptor, libc::F_DUPFD, number) }
    };
    checked(result.into()).map(drop)
}

fn restore(saved: [Result<OwnedFd, Errno>; 3]) -> Result<(), Errno> {
    let [input, output, error] = saved;
    dup2_stdin(input?)?;
    dup2_stdout(output?)?;
    dup2_stderr(error?)
}
