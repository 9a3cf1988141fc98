//! Connects that are in progress for a while, to a listener of the actor's own that takes no more.

use std::os::fd::OwnedFd;

use anyhow::bail;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{
        AddressFamily, SocketFlags, SocketType, accept, bind, connect, listen, socket, socket_with,
        sockopt::socket_error,
    },
};

use super::network::local;
use crate::{arguments::Arguments, report::Report};

const LOOPBACK: std::net::SocketAddrV4 = std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0);

/// On this machine's own interface, what is not decided by then has been put off.
const SOON: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// The kernel asks again after a second, and after two more.
const LATE: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };

/// Attempts that fill the queue of a listener that asks for none.
const FILLING: u8 = 8;

struct Pending {
    listener: OwnedFd,
    /// Connections that filled the queue.
    _filling: Vec<OwnedFd>,
    /// The one that has to wait.
    waiting: OwnedFd,
    port: u16,
}

fn pending() -> anyhow::Result<Pending> {
    let listener = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&listener, &LOOPBACK)?;
    listen(&listener, 0)?;
    let address = local(&listener)?;
    let mut filling = Vec::new();
    for _ in 0..FILLING {
        let client = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None)?;
        match connect(&client, &address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        if !decided(&client, &SOON)? {
            return Ok(Pending { listener, _filling: filling, waiting: client, port: address.port() });
        }
        filling.push(client);
    }
    bail!("the listener takes whatever comes")
}

fn decided(client: &OwnedFd, patience: &Timespec) -> anyhow::Result<bool> {
    Ok(poll(&mut [PollFd::new(client, PollFlags::OUT)], Some(patience))? > 0)
}

/// Succeeds after a while.
pub(crate) fn slow(_: Arguments<'_>) -> anyhow::Result<Report> {
    let pending = pending()?;
    let _accepted = accept(&pending.listener)?;
    let report = Report::new().with("port", pending.port);
    if !decided(&pending.waiting, &LATE)? {
        return report.outcome::<()>(Err(Errno::TIMEDOUT));
    }
    report.outcome(socket_error(&pending.waiting)?)
}

/// Is given up before it is decided.
pub(crate) fn abandoned(_: Arguments<'_>) -> anyhow::Result<Report> {
    let pending = pending()?;
    drop(pending.waiting);
    Ok(Report::new().with("port", pending.port).with("success", false))
}
