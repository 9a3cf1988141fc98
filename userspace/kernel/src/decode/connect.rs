use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rampart_abi::{CONNECT_ABORTED, CONNECT_FAILED, CONNECT_IN_PROGRESS, CONNECT_SUCCESS};
use rampart_model::{Connect, ConnectOutcome, ConnectStage, Transport};

use super::{DecodeError, Decoded, errno, fixed, task};
use crate::Body;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const ECONNREFUSED: u32 = 111;

/// An outgoing connection.
pub(super) fn connect(bytes: &[u8]) -> Decoded {
    let (wire, _) = fixed::<rampart_abi::Connect>(bytes)?;
    let address = |bytes, port| address(wire.family, bytes, port);
    let source = address(wire.source, wire.source_port)?;
    let stage = if wire.resolution == 0 { ConnectStage::Attempt } else { ConnectStage::Resolution };
    let connect = Connect {
        transport: match wire.protocol {
            6 => Transport::Tcp,
            17 => Transport::Udp,
            other => Transport::Other(other),
        },
        source: (source.port() != 0).then_some(source),
        destination: address(wire.destination, wire.destination_port)?,
        outcome: outcome(&wire)?,
        stage,
        latency_ns: (wire.latency_ns != 0).then_some(wire.latency_ns),
    };
    Ok((task(&wire.task), Body::Connect(connect)))
}

fn outcome(wire: &rampart_abi::Connect) -> Result<ConnectOutcome, DecodeError> {
    match wire.outcome {
        CONNECT_SUCCESS => Ok(ConnectOutcome::Success),
        CONNECT_IN_PROGRESS => Ok(ConnectOutcome::InProgress),
        CONNECT_ABORTED => Ok(ConnectOutcome::Aborted),
        CONNECT_FAILED if wire.errno == ECONNREFUSED => Ok(ConnectOutcome::Refused),
        CONNECT_FAILED => Ok(ConnectOutcome::Failed(errno(wire.errno)?)),
        other => Err(DecodeError::Value { what: "connect outcome", value: other.into() }),
    }
}

/// An end of a connection. IPv4 stands in the first four bytes; IPv4-mapped IPv6 becomes IPv4.
pub(super) fn address(family: u16, bytes: [u8; 16], port: u16) -> Result<SocketAddr, DecodeError> {
    let ip = match family {
        AF_INET => {
            let [a, b, c, d, ..] = bytes;
            IpAddr::from(Ipv4Addr::new(a, b, c, d))
        }
        AF_INET6 => IpAddr::from(Ipv6Addr::from(bytes)).to_canonical(),
        other => return Err(DecodeError::Value { what: "address family", value: other.into() }),
    };
    Ok(SocketAddr::new(ip, port))
}
