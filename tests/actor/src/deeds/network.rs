//! Sockets and where they lead.

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV6},
    os::fd::OwnedFd,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{
        AddressFamily, Protocol, SocketAddrUnix, SocketFlags, SocketType, accept as take, bind as give,
        connect as join, getsockname, ipproto, listen as hear, socket, socket_with, sockopt::socket_error,
    },
};

use crate::{
    arguments::Arguments,
    report::{Lacking, Report},
};

/// How long a connect may take to be decided.
const PATIENCE: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };

/// Every kind of traffic, for packet sockets (ETH_P_ALL in network order).
const ALL_TRAFFIC: u32 = 0x0300;

fn family(address: SocketAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 }
}

pub(crate) fn new_socket(address: SocketAddr, kind: SocketType) -> anyhow::Result<OwnedFd> {
    match socket(family(address), kind, None) {
        Err(Errno::AFNOSUPPORT) => Err(Lacking("the kernel has no IPv6".to_owned()).into()),
        other => Ok(other?),
    }
}

fn connect(address: SocketAddr, kind: SocketType) -> anyhow::Result<Report> {
    let socket = new_socket(address, kind)?;
    Report::new().with("address", address.to_string()).outcome(join(&socket, &address))
}

pub(crate) fn tcp(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    connect(arguments.value(0)?, SocketType::STREAM)
}

pub(crate) fn udp(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    connect(arguments.value(0)?, SocketType::DGRAM)
}

/// IPv4 in the clothes of IPv6.
pub(crate) fn tcp_mapped(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    connect(SocketAddrV6::new(mapped, arguments.value(0)?, 0, 0).into(), SocketType::STREAM)
}

/// Comes back before it is decided, and hears of the outcome from poll.
pub(crate) fn tcp_nonblocking(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let address: SocketAddr = arguments.value(0)?;
    let socket = socket_with(family(address), SocketType::STREAM, SocketFlags::NONBLOCK, None)?;
    let begun = join(&socket, &address);
    let report = Report::new()
        .with("address", address.to_string())
        .with("at_once", begun.err().map(Errno::raw_os_error).unwrap_or_default());
    if begun != Err(Errno::INPROGRESS) {
        return report.outcome(begun);
    }
    let mut waiting = [PollFd::new(&socket, PollFlags::OUT)];
    if poll(&mut waiting, Some(&PATIENCE))? == 0 {
        return report.outcome::<()>(Err(Errno::TIMEDOUT));
    }
    report.outcome(socket_error(&socket)?)
}

pub(crate) fn unix(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let kind = match arguments.choice(1, &["stream", "dgram", "seqpacket"])? {
        "dgram" => SocketType::DGRAM,
        "seqpacket" => SocketType::SEQPACKET,
        _ => SocketType::STREAM,
    };
    let socket = socket(AddressFamily::UNIX, kind, None)?;
    Report::new().path("path", path).outcome(join(&socket, &SocketAddrUnix::new(path)?))
}

pub(crate) fn unix_bind(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    Report::new().path("path", path).outcome(give(&socket, &SocketAddrUnix::new(path)?))
}

fn bound(address: SocketAddr, kind: SocketType) -> anyhow::Result<(OwnedFd, Result<(), Errno>)> {
    let socket = new_socket(address, kind)?;
    let result = give(&socket, &address);
    Ok((socket, result))
}

pub(crate) fn local(socket: &OwnedFd) -> anyhow::Result<SocketAddr> {
    Ok(getsockname(socket)?.try_into()?)
}

pub(crate) fn bind(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let kind = match arguments.choice(1, &["tcp", "udp"])? {
        "udp" => SocketType::DGRAM,
        _ => SocketType::STREAM,
    };
    let (socket, result) = bound(arguments.value(0)?, kind)?;
    Report::new().with("local", local(&socket)?.to_string()).outcome(result)
}

pub(crate) fn listen(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (socket, result) = bound(arguments.value(0)?, SocketType::STREAM)?;
    result?;
    Report::new().with("local", local(&socket)?.to_string()).outcome(hear(&socket, 1))
}

/// Both ends are its own.
pub(crate) fn accept(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (listener, result) = bound(arguments.value(0)?, SocketType::STREAM)?;
    result?;
    hear(&listener, 1)?;
    let address = local(&listener)?;
    let client = new_socket(address, SocketType::STREAM)?;
    join(&client, &address)?;
    let accepted = take(&listener);
    let report = Report::new().with("local", address.to_string());
    report.with("remote_port", local(&client)?.port()).outcome(accepted)
}

pub(crate) fn raw(_: Arguments<'_>) -> anyhow::Result<Report> {
    let result = socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP));
    Report::new().with("protocol", "icmp").outcome(result)
}

pub(crate) fn packet(_: Arguments<'_>) -> anyhow::Result<Report> {
    let all = std::num::NonZeroU32::new(ALL_TRAFFIC).map(Protocol::from_raw);
    match socket(AddressFamily::PACKET, SocketType::RAW, all) {
        Err(Errno::AFNOSUPPORT) => Err(Lacking("the kernel has no packet sockets".to_owned()).into()),
        result => Report::new().with("protocol", "all").outcome(result),
    }
}
