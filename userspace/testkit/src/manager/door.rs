//! A port that can be closed and opened again.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use rustix::net::{self, AddressFamily, Shutdown, SocketType, sockopt};

use super::keys::locked;

/// What is done with a connection. It must not wait.
type Serve = Arc<dyn Fn(TcpStream, SocketAddr) + Send + Sync>;

pub(super) struct Door {
    address: SocketAddr,
    /// Bound and never listening: it keeps the port for us while the door is shut, so that connections are refused and
    /// nobody else gets the number.
    _reserved: OwnedFd,
    open: Mutex<Option<Open>>,
    serve: Serve,
}

/// A port that is ours.
pub(super) struct Reserved {
    socket: OwnedFd,
    address: SocketAddr,
}

impl Reserved {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A door there, which is shut.
    pub(super) fn door(self, serve: Serve) -> Door {
        Door { address: self.address, _reserved: self.socket, open: Mutex::new(None), serve }
    }
}

struct Open {
    listener: Arc<TcpListener>,
    thread: JoinHandle<()>,
}

impl Door {
    /// Takes the port of an address, or a free one for port 0; nobody can connect yet.
    pub(super) fn reserve(address: SocketAddr) -> io::Result<Reserved> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = net::socket(family, SocketType::STREAM, None)?;
        sockopt::set_socket_reuseaddr(&socket, true)?;
        net::bind(&socket, &address)?;
        let address = SocketAddr::try_from(net::getsockname(&socket)?)?;
        Ok(Reserved { socket, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn open(&self) -> io::Result<()> {
        let mut open = locked(&self.open);
        if open.is_none() {
            // The standard library sets SO_REUSEADDR, too.
            let listener = Arc::new(TcpListener::bind(self.address)?);
            let (accepting, serve) = (Arc::clone(&listener), Arc::clone(&self.serve));
            let thread = thread::Builder::new()
                .name("manager".to_owned())
                .spawn(move || accept(&accepting, &serve))?;
            *open = Some(Open { listener, thread });
        }
        Ok(())
    }

    /// From now on connections are refused. Those that there are stay.
    pub(super) fn shut(&self) {
        let open = locked(&self.open).take();
        if let Some(Open { listener, thread }) = open {
            // Wakes the thread that accepts.
            let woken = net::shutdown(&listener, Shutdown::Both);
            drop(listener);
            if woken.is_ok() {
                // It never panics; if it did, nothing would be accepted, and tests would see that.
                drop(thread.join());
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shut();
    }
}

fn accept(listener: &TcpListener, serve: &Serve) {
    while let Ok((stream, peer)) = listener.accept() {
        serve(stream, peer);
    }
}
