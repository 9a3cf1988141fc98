//! Bytes of the ring buffer as [`Capture`]s. Total: any bytes give a value or an error.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rampart_abi::{
    CONNECT_ABORTED, CONNECT_FAILED, CONNECT_IN_PROGRESS, CONNECT_SUCCESS, FLAG_ARGS_TRUNCATED, Header, Kind,
    VERSION,
};
use rampart_model::{
    Arguments, Connect, ConnectOutcome, ConnectStage, DescriptorKind, Exit, Namespaces, Stdio, Transport,
    text,
};
use zerocopy::FromBytes;

use crate::{
    Body, Capture, Exec, Fork, Lineage, RawMount, Task,
    text::{path_from_leaf, until_nul},
};

const ECONNREFUSED: u32 = 111;

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Shorter than what it should hold.
    #[error("record cut short")]
    Short,
    /// Its own length is not the length it came with.
    #[error("record of {actual} bytes says it has {claimed}")]
    Length {
        /// In the header.
        claimed: u32,
        /// Delivered.
        actual: usize,
    },
    /// Written by other programs than ours.
    #[error("record of format version {0}")]
    Version(u16),
    /// A kind this daemon does not know.
    #[error("record of unknown kind {0}")]
    Kind(u16),
    /// A value outside what the format allows.
    #[error("{what} has the impossible value {value}")]
    Value {
        /// Which.
        what: &'static str,
        /// The value.
        value: u32,
    },
}

/// The kind of a record, where its header can be read: for the counters.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<Kind> {
    Header::read_from_prefix(bytes).ok().and_then(|(header, _)| Kind::from_wire(header.kind))
}

/// Decodes one record.
///
/// # Errors
/// [`DecodeError`] says what is wrong with it.
pub fn decode(bytes: &[u8]) -> Result<Capture, DecodeError> {
    let (header, _) = Header::read_from_prefix(bytes).map_err(|_| DecodeError::Short)?;
    if header.version != VERSION {
        return Err(DecodeError::Version(header.version));
    }
    if usize::try_from(header.length) != Ok(bytes.len()) {
        return Err(DecodeError::Length { claimed: header.length, actual: bytes.len() });
    }
    let (task, body) = match Kind::from_wire(header.kind).ok_or(DecodeError::Kind(header.kind))? {
        Kind::Exec => exec(bytes)?,
        Kind::Fork => fork(bytes)?,
        Kind::Exit => exit(bytes)?,
        Kind::Connect => connect(bytes)?,
        Kind::Mount => mount(bytes)?,
    };
    Ok(Capture { time_ns: header.time_ns, cpu: header.cpu, sequence: header.sequence, task, body })
}

type Decoded = Result<(Task, Body), DecodeError>;

fn exec(bytes: &[u8]) -> Decoded {
    let (wire, mut rest) = fixed::<rampart_abi::Exec>(bytes)?;
    let executable = path_from_leaf(take(&mut rest, wire.path_length.into())?);
    let working_directory = path_from_leaf(take(&mut rest, wire.cwd_length.into())?);
    let cgroup = path_from_leaf(take(&mut rest, wire.cgroup_length.into())?);
    let args = arguments(take(&mut rest, wire.args_length as usize)?);
    let [stdin, stdout, stderr] = wire.stdio_modes.map(descriptor);
    let exec = Exec {
        lineage: lineage(&wire.lineage),
        namespaces: Namespaces {
            mnt: wire.task.mnt_ns,
            pid: wire.task.pid_ns,
            net: wire.namespaces.net,
            uts: wire.namespaces.uts,
            ipc: wire.namespaces.ipc,
            cgroup: wire.namespaces.cgroup,
            user: wire.namespaces.user,
        },
        stdio: Stdio { stdin, stdout, stderr },
        executable,
        working_directory,
        cgroup,
        args,
        args_truncated: wire.header.flags & FLAG_ARGS_TRUNCATED != 0 || wire.args_length < wire.args_total,
    };
    Ok((task(&wire.task), Body::Exec(Box::new(exec))))
}

fn fork(bytes: &[u8]) -> Decoded {
    let (wire, _) = fixed::<rampart_abi::Fork>(bytes)?;
    let fork = Fork { lineage: lineage(&wire.lineage), mnt_ns: wire.task.mnt_ns, pid_ns: wire.task.pid_ns };
    Ok((task(&wire.task), Body::Fork(fork)))
}

fn exit(bytes: &[u8]) -> Decoded {
    let (wire, _) = fixed::<rampart_abi::Exit>(bytes)?;
    let [low, code, ..] = wire.status.to_le_bytes();
    let signal = low & 0x7f;
    Ok((task(&wire.task), Body::Exit(Exit { code, signal: (signal != 0).then_some(signal) })))
}

fn connect(bytes: &[u8]) -> Decoded {
    let (wire, _) = fixed::<rampart_abi::Connect>(bytes)?;
    let address = |bytes: [u8; 16], port| -> Result<SocketAddr, DecodeError> {
        let ip = match wire.family {
            2 => {
                let [a, b, c, d, ..] = bytes;
                IpAddr::from(Ipv4Addr::new(a, b, c, d))
            }
            10 => IpAddr::from(Ipv6Addr::from(bytes)).to_canonical(),
            other => return Err(DecodeError::Value { what: "address family", value: other.into() }),
        };
        Ok(SocketAddr::new(ip, port))
    };
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

fn mount(bytes: &[u8]) -> Decoded {
    let (wire, mut rest) = fixed::<rampart_abi::Mount>(bytes)?;
    let mut string = |length: u16| take(&mut rest, length.into()).map(|bytes| text(until_nul(bytes)));
    let source = string(wire.source_length)?;
    let target = string(wire.target_length)?;
    let fs_type = string(wire.type_length)?;
    let mount = RawMount {
        source,
        target,
        fs_type,
        flags: wire.mount_flags,
        errno: errno(wire.errno)?,
        working_directory: path_from_leaf(take(&mut rest, wire.cwd_length.into())?),
    };
    Ok((task(&wire.task), Body::Mount(mount)))
}

fn fixed<T: FromBytes>(bytes: &[u8]) -> Result<(T, &[u8]), DecodeError> {
    T::read_from_prefix(bytes).map_err(|_| DecodeError::Short)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], DecodeError> {
    let (taken, after) = rest.split_at_checked(length).ok_or(DecodeError::Short)?;
    *rest = after;
    Ok(taken)
}

fn task(wire: &rampart_abi::Task) -> Task {
    Task {
        pid: wire.pid,
        tid: wire.tid,
        uid: wire.uid,
        gid: wire.gid,
        start_ns: wire.start_ns,
        name: text(until_nul(&wire.comm)),
    }
}

fn lineage(wire: &rampart_abi::Lineage) -> Lineage {
    Lineage {
        parent_pid: wire.parent_pid,
        parent_start_ns: wire.parent_start_ns,
        effective_uid: wire.euid,
        login_uid: (wire.login_uid != u32::MAX).then_some(wire.login_uid),
    }
}

/// The kernel's argument block: strings that each end in NUL.
fn arguments(block: &[u8]) -> Arguments {
    if block.is_empty() {
        return Arguments::default();
    }
    block.strip_suffix(&[0]).unwrap_or(block).split(|byte| *byte == 0).map(text).collect()
}

/// By the type bits of `i_mode` (S_IFMT). Anonymous inodes have none of them.
const fn descriptor(mode: u16) -> DescriptorKind {
    match (mode, mode & 0o170_000) {
        (0, _) => DescriptorKind::None,
        (_, 0o010_000) => DescriptorKind::Pipe,
        (_, 0o020_000) => DescriptorKind::Character,
        (_, 0o040_000) => DescriptorKind::Directory,
        (_, 0o060_000) => DescriptorKind::Block,
        (_, 0o100_000) => DescriptorKind::File,
        (_, 0o140_000) => DescriptorKind::Socket,
        _ => DescriptorKind::Other,
    }
}

fn errno(value: u32) -> Result<u16, DecodeError> {
    // MAX_ERRNO (include/linux/err.h)
    u16::try_from(value)
        .ok()
        .filter(|errno| *errno <= 4095)
        .ok_or(DecodeError::Value { what: "errno", value })
}

#[cfg(test)]
mod tests;
