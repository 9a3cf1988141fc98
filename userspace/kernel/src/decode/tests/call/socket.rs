//! Calls with sockets.

use rampart_abi::{Operation as Wire, SocketValues};
use rampart_model::{
    Descriptor, Operation, Socket, SocketCall, SocketEnds, SocketFamily, SocketOperation, SocketType,
};

use super::{NOTHING, Values, done, pieces, values};

const LOCAL_PORT: u64 = 4444;
const PORTS: u64 = (51_000 << 16) + LOCAL_PORT;

/// 10.0.0.2:4444, from 192.0.2.9:51000 unless that is left out.
fn ip(family: u16, kind: u16, protocol: u16, descriptor: u16, remote: bool) -> Values {
    let packed = SocketValues { family, kind, protocol, descriptor }.pack();
    let half = |bytes| u64::from_ne_bytes(bytes);
    let local = half([10, 0, 0, 2, 0, 0, 0, 0]);
    let other = half([192, 0, 2, 9, 0, 0, 0, 0]);
    if remote { [packed, PORTS, local, 0, other, 0] } else { [packed, LOCAL_PORT, local, 0, 0, 0] }
}

#[test]
fn sockets() {
    let local = Some(([10, 0, 0, 2], 4444).into());
    let remote = Some(([192, 0, 2, 9], 51_000).into());
    let tcp = |remote| Socket {
        family: SocketFamily::Inet,
        socket_type: SocketType::Stream,
        protocol: 6,
        ends: SocketEnds::Ip { local, remote },
    };
    for (wire, operation) in [
        (Wire::Bind, SocketOperation::Bind),
        (Wire::Listen, SocketOperation::Listen),
        (Wire::Accept, SocketOperation::Accept),
    ] {
        let expected = Operation::Socket(SocketCall { operation, socket: tcp(remote) });
        assert_eq!(done(wire, ip(2, 1, 6, 3, true), NOTHING), expected);
    }
    let dup = Operation::Descriptor(Descriptor { number: 2, socket: tcp(None) });
    assert_eq!(done(Wire::Dup, ip(2, 1, 6, 2, false), NOTHING), dup);
    let packet = values([SocketValues { family: 17, kind: 3, protocol: 0x0003, descriptor: 5 }.pack()]);
    let socket = Socket {
        family: SocketFamily::Packet,
        socket_type: SocketType::Raw,
        protocol: 3,
        ends: SocketEnds::Unnamed,
    };
    let expected = Operation::Socket(SocketCall { operation: SocketOperation::Packet, socket });
    assert_eq!(done(Wire::RawSocket, packet, NOTHING), expected);
}

#[test]
fn ends_of_ipv6() {
    let packed = SocketValues { family: 10, kind: 2, protocol: 17, descriptor: 3 }.pack();
    let mapped = u64::from_ne_bytes([0, 0, 0xff, 0xff, 10, 0, 0, 1]);
    let given = [
        packed,
        53 << 16,
        u64::from_ne_bytes([0xfd, 0, 0, 0, 0, 0, 0, 0]),
        u64::from_ne_bytes([0, 0, 0, 0, 0, 0, 0, 1]),
        0,
        mapped,
    ];
    let Operation::Socket(call) = done(Wire::Bind, given, NOTHING) else { panic!("no socket") };
    assert_eq!((call.socket.family, call.socket.socket_type), (SocketFamily::Inet6, SocketType::Datagram));
    assert_eq!(call.socket.local().map(|end| end.to_string()).as_deref(), Some("[fd00::1]:0"));
    assert_eq!(call.socket.remote().map(|end| end.to_string()).as_deref(), Some("10.0.0.1:53"));
}

#[test]
fn names_of_unix_sockets() {
    let packed = values([SocketValues { family: 1, kind: 1, protocol: 0, descriptor: 3 }.pack()]);
    let unix = |name: &str| SocketEnds::Unix(name.into());
    for (text, ends) in [
        (pieces([b"/run/docker.sock\0"]), unix("/run/docker.sock")),
        (pieces([b"docker.sock\0", b"run\0"]), unix("/run/docker.sock")),
        (pieces([b"", b"docker.sock\0run\0"]), unix("/run/docker.sock")),
        (pieces([b"session\0"]), unix("@session")),
        (pieces([b"", b"", b"session\0"]), unix("@session")),
        (NOTHING, SocketEnds::Unnamed),
    ] {
        let Operation::Socket(call) = done(Wire::UnixConnect, packed, text) else { panic!("no socket") };
        assert_eq!(call.operation, SocketOperation::Connect);
        assert_eq!(call.socket.ends, ends, "{text:?}");
    }
}
