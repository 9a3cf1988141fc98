use std::net::{Ipv6Addr, SocketAddr};

use rampart_model::{
    Descriptor, Operation, Socket, SocketCall, SocketEnds, SocketFamily, SocketOperation, SocketType,
};

const IPPROTO_TCP: u16 = 6;
const IPPROTO_UDP: u16 = 17;
const ETH_P_ALL: u16 = 3;

pub(super) fn sockets() -> Vec<Operation> {
    let any = ([0, 0, 0, 0], 4444).into();
    let any6 = (Ipv6Addr::UNSPECIFIED, 4444).into();
    [
        (SocketOperation::Bind, tcp(SocketFamily::Inet, Some(any), None)),
        (SocketOperation::Bind, dns()),
        (SocketOperation::Listen, tcp(SocketFamily::Inet6, Some(any6), None)),
        (SocketOperation::Accept, connection()),
        (SocketOperation::Packet, packet()),
        (SocketOperation::Connect, unix(SocketEnds::Unix("/run/docker.sock".into()))),
        (SocketOperation::Connect, unix(SocketEnds::Unix("@session".into()))),
        (SocketOperation::Listen, unix(SocketEnds::Unnamed)),
    ]
    .map(|(operation, socket)| Operation::Socket(SocketCall { operation, socket }))
    .into()
}

pub(super) fn descriptors() -> Vec<Operation> {
    vec![Operation::Descriptor(Descriptor { number: 0, socket: connection() })]
}

fn tcp(family: SocketFamily, local: Option<SocketAddr>, remote: Option<SocketAddr>) -> Socket {
    Socket {
        family,
        socket_type: SocketType::Stream,
        protocol: IPPROTO_TCP,
        ends: SocketEnds::Ip { local, remote },
    }
}

fn connection() -> Socket {
    tcp(SocketFamily::Inet, Some(([10, 0, 0, 2], 4444).into()), Some(([192, 0, 2, 9], 51_000).into()))
}

fn dns() -> Socket {
    let local = Some(([127, 0, 0, 1], 53).into());
    Socket {
        socket_type: SocketType::Datagram,
        protocol: IPPROTO_UDP,
        ..tcp(SocketFamily::Inet, local, None)
    }
}

fn packet() -> Socket {
    Socket {
        family: SocketFamily::Packet,
        socket_type: SocketType::Raw,
        protocol: ETH_P_ALL,
        ends: SocketEnds::Unnamed,
    }
}

fn unix(ends: SocketEnds) -> Socket {
    Socket { family: SocketFamily::Unix, socket_type: SocketType::Stream, protocol: 0, ends }
}
