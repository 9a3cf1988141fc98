use std::net::SocketAddr;

/// Something done with a socket, other than a connection over IP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketCall {
    /// What was done.
    pub operation: SocketOperation,
    /// With which.
    pub socket: Socket,
}

/// What was done with a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketOperation {
    /// bind(2): it got an address.
    Bind,
    /// listen(2): it waits for connections.
    Listen,
    /// accept(2): the socket of a connection that came.
    Accept,
    /// socket(2): one that sees raw packets was made.
    Packet,
    /// connect(2), of a unix socket.
    Connect,
}

impl SocketOperation {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Listen => "listen",
            Self::Accept => "accept",
            Self::Packet => "packet",
            Self::Connect => "connect",
        }
    }
}

/// A socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// Whose addresses it has.
    pub family: SocketFamily,
    /// How it carries data.
    pub socket_type: SocketType,
    /// Number of the protocol: IPPROTO_*, or of a packet socket the ethertype.
    pub protocol: u16,
    /// Its addresses.
    pub ends: SocketEnds,
}

/// The addresses of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEnds {
    /// Those of IP, as far as there are; IPv4-mapped IPv6 is given as IPv4.
    Ip {
        /// The local end.
        local: Option<SocketAddr>,
        /// The remote end.
        remote: Option<SocketAddr>,
    },
    /// The name of a unix socket: an absolute path, or `@name` where it is an abstract one.
    Unix(Box<str>),
    /// None, or none that is told.
    Unnamed,
}

impl Socket {
    /// The local end.
    #[must_use]
    pub const fn local(&self) -> Option<SocketAddr> {
        match &self.ends {
            SocketEnds::Ip { local, .. } => *local,
            SocketEnds::Unix(_) | SocketEnds::Unnamed => None,
        }
    }

    /// The remote end.
    #[must_use]
    pub const fn remote(&self) -> Option<SocketAddr> {
        match &self.ends {
            SocketEnds::Ip { remote, .. } => *remote,
            SocketEnds::Unix(_) | SocketEnds::Unnamed => None,
        }
    }

    /// The name of a unix socket.
    #[must_use]
    pub const fn path(&self) -> Option<&str> {
        match &self.ends {
            SocketEnds::Unix(path) => Some(path),
            SocketEnds::Ip { .. } | SocketEnds::Unnamed => None,
        }
    }
}

/// `AF_*` (include/linux/socket.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketFamily {
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
    /// Between processes of this machine.
    Unix,
    /// Frames of a network interface.
    Packet,
    /// The kernel.
    Netlink,
    /// Another one, by its number.
    Other(u16),
}

impl SocketFamily {
    /// Of that number.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        match number {
            1 => Self::Unix,
            2 => Self::Inet,
            10 => Self::Inet6,
            16 => Self::Netlink,
            17 => Self::Packet,
            other => Self::Other(other),
        }
    }

    /// The value of the field `socket.family`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inet => "inet",
            Self::Inet6 => "inet6",
            Self::Unix => "unix",
            Self::Packet => "packet",
            Self::Netlink => "netlink",
            Self::Other(_) => "other",
        }
    }
}

/// `SOCK_*` (include/linux/net.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketType {
    /// A stream of bytes.
    Stream,
    /// Datagrams.
    Datagram,
    /// Packets of the layer below.
    Raw,
    /// A stream of datagrams.
    SequencedPacket,
    /// The old form of packet sockets.
    Packet,
    /// Another one, by its number.
    Other(u16),
}

impl SocketType {
    /// Of that number.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        match number {
            1 => Self::Stream,
            2 => Self::Datagram,
            3 => Self::Raw,
            5 => Self::SequencedPacket,
            10 => Self::Packet,
            other => Self::Other(other),
        }
    }

    /// The value of the field `socket.type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Datagram => "dgram",
            Self::Raw => "raw",
            Self::SequencedPacket => "seqpacket",
            Self::Packet => "packet",
            Self::Other(_) => "other",
        }
    }
}

/// A socket that was put onto a standard descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// 0, 1 or 2.
    pub number: u16,
    /// The socket.
    pub socket: Socket,
}
