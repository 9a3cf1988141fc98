//! Bytes of the ring buffer as [`Capture`]s. Total: any bytes give a value or an error.

mod call;
mod connect;
mod file;
mod mount;
mod process;
mod socket;

use rampart_abi::{Header, Kind, VERSION};
use rampart_model::text;
use zerocopy::FromBytes;

use crate::{Body, Capture, Task, text::until_nul};

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
        Kind::Exec => process::exec(bytes)?,
        Kind::Fork => process::fork(bytes)?,
        Kind::Exit => process::exit(bytes)?,
        Kind::Connect => connect::connect(bytes)?,
        Kind::Mount
        | Kind::ExecFailed
        | Kind::Socket
        | Kind::Namespace
        | Kind::File
        | Kind::Descriptor
        | Kind::Access
        | Kind::Memfd
        | Kind::Module
        | Kind::Bpf
        | Kind::Credentials
        | Kind::Signal
        | Kind::IoUring => call::call(bytes)?,
    };
    Ok(Capture { time_ns: header.time_ns, cpu: header.cpu, sequence: header.sequence, task, body })
}

type Decoded = Result<(Task, Body), DecodeError>;

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
        cgroup_id: wire.cgroup_id,
        name: text(until_nul(&wire.comm)),
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
