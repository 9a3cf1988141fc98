use std::net::SocketAddr;

use rampart_abi::{Operation as Wire, SocketValues};
use rampart_model::{
    Descriptor, Operation, Socket, SocketCall, SocketEnds, SocketFamily, SocketOperation, SocketType,
};

use super::{
    DecodeError,
    call::{Parts, low},
    connect::address,
};

/// Something done with a socket.
pub(super) fn socket(what: Wire, parts: &Parts<'_>) -> Result<Operation, DecodeError> {
    let [first, ..] = parts.values;
    let values = SocketValues::unpack(first);
    let family = SocketFamily::from_number(values.family);
    let socket = Socket {
        family,
        socket_type: SocketType::from_number(values.kind),
        protocol: values.protocol,
        ends: match family {
            SocketFamily::Inet | SocketFamily::Inet6 => ends(values.family, parts)?,
            SocketFamily::Unix => name(parts),
            SocketFamily::Packet | SocketFamily::Netlink | SocketFamily::Other(_) => SocketEnds::Unnamed,
        },
    };
    let operation = match what {
        Wire::Bind => SocketOperation::Bind,
        Wire::Listen => SocketOperation::Listen,
        Wire::Accept => SocketOperation::Accept,
        Wire::RawSocket => SocketOperation::Packet,
        Wire::UnixConnect => SocketOperation::Connect,
        Wire::Dup => return Ok(Operation::Descriptor(Descriptor { number: values.descriptor, socket })),
        other => return Err(DecodeError::Value { what: "operation on a socket", value: other as u32 }),
    };
    Ok(Operation::Socket(SocketCall { operation, socket }))
}

fn ends(family: u16, parts: &Parts<'_>) -> Result<SocketEnds, DecodeError> {
    let [_, both_ports, local_low, local_high, remote_low, remote_high] = parts.values;
    let [a, b, c, d] = low(both_ports).to_le_bytes();
    let end = |halves, port| end(family, halves, u16::from_le_bytes(port));
    Ok(SocketEnds::Ip {
        local: end([local_low, local_high], [a, b])?,
        remote: end([remote_low, remote_high], [c, d])?,
    })
}

/// An end that is not the one of a socket which has none.
fn end(family: u16, [first, second]: [u64; 2], port: u16) -> Result<Option<SocketAddr>, DecodeError> {
    let address = address(family, joined(first.to_ne_bytes(), second.to_ne_bytes()), port)?;
    Ok((port != 0 || !address.ip().is_unspecified()).then_some(address))
}

fn joined(first: [u8; 8], second: [u8; 8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(first.into_iter().chain(second)) {
        *to = from;
    }
    bytes
}

/// The name of a unix socket. An abstract one stands alone, or is a text without a beginning that it is relative to.
fn name(parts: &Parts<'_>) -> SocketEnds {
    let (text, alone) = (parts.text(0), parts.text(2));
    let named = if !alone.is_empty() {
        format!("@{alone}").into()
    } else if !text.is_empty() && !text.starts_with('/') && parts.names(1).is_empty() {
        format!("@{text}").into()
    } else {
        parts.path(0)
    };
    if named.is_empty() { SocketEnds::Unnamed } else { SocketEnds::Unix(named) }
}
