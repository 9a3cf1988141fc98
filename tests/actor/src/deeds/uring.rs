//! Deeds that no system call names: the kernel takes them from a queue in shared memory.

use std::{
    ffi::CStr,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream},
    os::fd::AsRawFd as _,
    ptr,
};

use anyhow::Context as _;
use io_uring::{
    IoUring, Probe,
    opcode::{Accept, Connect, LinkAt, MkDirAt, Nop, OpenAt, RenameAt, Socket, SymlinkAt, UnlinkAt},
    squeue::{Entry, Flags},
    types::Fd,
};
use rustix::{io::Errno, net::SocketType};

use super::network::new_socket;
use crate::{
    arguments::{Arguments, c_path},
    report::{Lacking, Report, errno},
};

/// Relative to the current folder, which absolute paths do not care for.
const HERE: Fd = Fd(libc::AT_FDCWD);

/// Who in the kernel does it: the caller's own thread where that is possible, a worker, or a thread that polls the
/// queue without any system call.
const WAYS: [&str; 3] = ["inline", "worker", "polled"];

/// How long the polling thread stays awake, in milliseconds.
const IDLE: u32 = 1000;

fn ring(way: &str) -> anyhow::Result<IoUring> {
    let mut builder = IoUring::builder();
    if way == "polled" {
        builder.setup_sqpoll(IDLE);
    }
    let ring = match builder.build(1).map_err(|error| errno(&error)) {
        Err(Errno::NOSYS) => return Err(Lacking("the kernel has no io_uring".to_owned()).into()),
        Err(Errno::PERM) => return Err(Lacking("io_uring is switched off".to_owned()).into()),
        other => other.context("io_uring_setup")?,
    };
    // Before Linux 5.11 the polling thread knows neither paths nor files that were not registered.
    if way == "polled" && !ring.params().is_feature_sqpoll_nonfixed() {
        return Err(Lacking("the kernel's io_uring polls for registered files only".to_owned()).into());
    }
    Ok(ring)
}

/// Submits one entry and waits for its completion.
///
/// # Safety
/// What the entry points to lives until this returns.
unsafe fn submit(entry: Entry, code: u8, way: &str) -> anyhow::Result<Result<(), Errno>> {
    let mut ring = ring(way)?;
    let mut probe = Probe::new();
    ring.submitter().register_probe(&mut probe).context("asking which operations there are")?;
    if !probe.is_supported(code) {
        return Err(Lacking(format!("the kernel's io_uring has no operation {code}")).into());
    }
    let entry = if way == "worker" { entry.flags(Flags::ASYNC) } else { entry };
    // SAFETY: by the caller's promise; the completion is waited for below.
    unsafe { ring.submission().push(&entry) }.context("the queue is full")?;
    ring.submit_and_wait(1).context("io_uring_enter")?;
    let result = ring.completion().next().context("no completion")?.result();
    Ok(if result < 0 { Err(Errno::from_raw_os_error(-result)) } else { Ok(()) })
}

fn way(arguments: Arguments<'_>, index: usize) -> anyhow::Result<&str> {
    arguments.choice(index, &WAYS)
}

pub(crate) fn nothing(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let way = way(arguments, 0)?;
    // SAFETY: the entry points to nothing.
    let result = unsafe { submit(Nop::new().build(), Nop::CODE, way) }?;
    Report::new().with("way", way).outcome(result)
}

pub(crate) fn open(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (path, way) = (arguments.path(0)?, way(arguments, 1)?);
    let name = c_path(path)?;
    let entry = OpenAt::new(HERE, name.as_ptr()).flags(libc::O_RDONLY).build();
    // SAFETY: the path outlives the call.
    let result = unsafe { submit(entry, OpenAt::CODE, way) }?;
    Report::new().path("path", path).with("way", way).outcome(result)
}

/// The address as the kernel takes it.
fn v4(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::sa_family_t::try_from(libc::AF_INET).unwrap_or_default(),
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
        sin_zero: [0; 8],
    }
}

pub(crate) fn connect(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (address, way): (SocketAddrV4, _) = (arguments.value(0)?, way(arguments, 1)?);
    let socket = new_socket(SocketAddr::V4(address), SocketType::STREAM)?;
    let name = v4(address);
    let length = libc::socklen_t::try_from(size_of_val(&name))?;
    let entry = Connect::new(Fd(socket.as_raw_fd()), (&raw const name).cast(), length).build();
    // SAFETY: the address outlives the call.
    let result = unsafe { submit(entry, Connect::CODE, way) }?;
    Report::new().with("address", address.to_string()).with("way", way).outcome(result)
}

/// A raw socket.
pub(crate) fn socket(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let way = way(arguments, 0)?;
    let entry = Socket::new(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP).build();
    // SAFETY: the entry points to nothing.
    let result = unsafe { submit(entry, Socket::CODE, way) }?;
    Report::new().with("way", way).outcome(result)
}

/// Both ends are its own.
pub(crate) fn accept(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let way = way(arguments, 0)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let _client = TcpStream::connect(address)?;
    let entry = Accept::new(Fd(listener.as_raw_fd()), ptr::null_mut(), ptr::null_mut()).build();
    // SAFETY: the entry points to nothing.
    let result = unsafe { submit(entry, Accept::CODE, way) }?;
    Report::new().with("local", address.to_string()).with("way", way).outcome(result)
}

fn two_paths(
    arguments: Arguments<'_>,
    names: [&str; 2],
    code: u8,
    entry: fn(&CStr, &CStr) -> Entry,
) -> anyhow::Result<Report> {
    let (first, second, way) = (arguments.path(0)?, arguments.path(1)?, way(arguments, 2)?);
    let (first_path, second_path) = (c_path(first)?, c_path(second)?);
    // SAFETY: both paths outlive the call.
    let result = unsafe { submit(entry(&first_path, &second_path), code, way) }?;
    let [first_name, second_name] = names;
    Report::new().path(first_name, first).path(second_name, second).with("way", way).outcome(result)
}

pub(crate) fn rename(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["old", "new"], RenameAt::CODE, |old, new| {
        RenameAt::new(HERE, old.as_ptr(), HERE, new.as_ptr()).build()
    })
}

pub(crate) fn link(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["existing", "new"], LinkAt::CODE, |existing, new| {
        LinkAt::new(HERE, existing.as_ptr(), HERE, new.as_ptr()).build()
    })
}

pub(crate) fn symlink(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["target", "new"], SymlinkAt::CODE, |target, new| {
        SymlinkAt::new(HERE, target.as_ptr(), new.as_ptr()).build()
    })
}

fn one_path(arguments: Arguments<'_>, code: u8, entry: fn(&CStr) -> Entry) -> anyhow::Result<Report> {
    let (path, way) = (arguments.path(0)?, way(arguments, 1)?);
    let name = c_path(path)?;
    // SAFETY: the path outlives the call.
    let result = unsafe { submit(entry(&name), code, way) }?;
    Report::new().path("path", path).with("way", way).outcome(result)
}

pub(crate) fn unlink(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    one_path(arguments, UnlinkAt::CODE, |path| UnlinkAt::new(HERE, path.as_ptr()).build())
}

pub(crate) fn mkdir(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    one_path(arguments, MkDirAt::CODE, |path| MkDirAt::new(HERE, path.as_ptr()).mode(0o755).build())
}
