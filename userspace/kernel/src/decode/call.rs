//! Records of calls: numbers and pieces of text, to what their operation says that they mean.

use rampart_abi::{
    CALL_PIECES, CALL_VALUES, ORIGIN_IO_URING, ORIGIN_RESOLVED, ORIGIN_UNFINISHED, Operation as Wire,
};
use rampart_model::{
    Access, AccessRequest, Bpf, Call, CallResult, Capabilities, CredentialsChange, Identity, IoUring, Memfd,
    Module, NamespaceChange, NamespaceTypes, Operation, Origin, Outcome, ProcessKey, Signal, Target, text,
};

use super::{DecodeError, Decoded, errno, file, fixed, mount, socket, take, task};
use crate::{
    Body,
    text::{absolute, path_from_leaf, until_nul},
};

/// A call.
pub(super) fn call(bytes: &[u8]) -> Decoded {
    let (wire, mut rest) = fixed::<rampart_abi::Call>(bytes)?;
    let number = wire.operation;
    let what = Wire::from_wire(number)
        .filter(|operation| operation.kind() as u16 == wire.header.kind)
        .ok_or(DecodeError::Value { what: "operation", value: number.into() })?;
    let mut pieces: [&[u8]; CALL_PIECES] = Default::default();
    for (piece, length) in pieces.iter_mut().zip(wire.lengths) {
        *piece = take(&mut rest, length.into())?;
    }
    let result = match errno(wire.errno)? {
        _ if wire.origin & ORIGIN_UNFINISHED != 0 => CallResult::Unfinished,
        0 => CallResult::Done,
        errno => CallResult::Refused(errno),
    };
    let origin = if wire.origin & ORIGIN_IO_URING == 0 { Origin::Syscall } else { Origin::IoUring };
    let is_resolved = wire.origin & ORIGIN_RESOLVED != 0;
    let operation = operation(what, &Parts { values: wire.values, pieces, result, is_resolved })?;
    Ok((task(&wire.task), Body::Call(Call { outcome: Outcome { result, origin }, operation })))
}

/// What a record of a call consists of.
pub(super) struct Parts<'a> {
    pub(super) values: [u64; CALL_VALUES],
    pub(super) pieces: [&'a [u8]; CALL_PIECES],
    pub(super) result: CallResult,
    /// The kernel's own paths, not those that the caller gave.
    pub(super) is_resolved: bool,
}

impl Parts<'_> {
    fn piece(&self, index: usize) -> &[u8] {
        self.pieces.get(index).copied().unwrap_or_default()
    }

    /// A piece that is a string.
    pub(super) fn text(&self, index: usize) -> Box<str> {
        text(until_nul(self.piece(index)))
    }

    /// A piece that is the names of a path; empty where there are none.
    pub(super) fn names(&self, index: usize) -> Box<str> {
        let names = self.piece(index);
        if names.is_empty() { "".into() } else { path_from_leaf(names) }
    }

    /// The path of two pieces, of which the second is what the first is relative to.
    pub(super) fn path(&self, index: usize) -> Box<str> {
        let (text, base) = (self.text(index), self.names(index + 1));
        if text.is_empty() { base } else { absolute(&text, &base) }
    }

    /// The path of something that there is once the call has succeeded: without any name it is the root.
    pub(super) fn existing(&self, index: usize) -> Box<str> {
        let path = self.path(index);
        if path.is_empty() && self.result == CallResult::Done { "/".into() } else { path }
    }
}

/// The lower half of a number.
pub(super) const fn low(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The upper half of a number.
const fn high(value: u64) -> u32 {
    low(value >> 32)
}

fn operation(what: Wire, parts: &Parts<'_>) -> Result<Operation, DecodeError> {
    let [v0, v1, ..] = parts.values;
    Ok(match what {
        Wire::Mount
        | Wire::Unmount
        | Wire::MoveMount
        | Wire::FsMount
        | Wire::FsOpen
        | Wire::OpenTree
        | Wire::MountSetattr
        | Wire::PivotRoot => return mount::mount(what, parts),
        Wire::Bind | Wire::Listen | Wire::Accept | Wire::RawSocket | Wire::UnixConnect | Wire::Dup => {
            return socket::socket(what, parts);
        }
        Wire::Open
        | Wire::Rename
        | Wire::Unlink
        | Wire::Rmdir
        | Wire::Link
        | Wire::Symlink
        | Wire::Chmod
        | Wire::Chown
        | Wire::Mknod => return file::file(what, parts),
        // Without asking for a type one takes what the descriptor is.
        Wire::Setns => namespace(NamespaceChange::Setns(NamespaceTypes(if v0 == 0 { v1 } else { v0 }))),
        Wire::Unshare => namespace(NamespaceChange::Unshare(NamespaceTypes(v0))),
        Wire::Clone => namespace(NamespaceChange::Clone(NamespaceTypes(v0))),
        Wire::Chroot => namespace(NamespaceChange::Chroot(parts.existing(0))),
        Wire::Ptrace => {
            let unknown = DecodeError::Value { what: "ptrace request", value: low(v0) };
            access(AccessRequest::from_ptrace(v0).ok_or(unknown)?, parts)
        }
        Wire::ProcessVmRead => access(AccessRequest::Read, parts),
        Wire::ProcessVmWrite => access(AccessRequest::Write, parts),
        Wire::MemfdCreate => Operation::Memfd(Memfd { name: parts.text(0), flags: v0 }),
        Wire::InitModule => Operation::Module(Module::Load(v0)),
        Wire::FinitModule => Operation::Module(Module::LoadFile(parts.path(0))),
        Wire::DeleteModule => Operation::Module(Module::Unload(parts.text(0))),
        Wire::Bpf => Operation::Bpf(bpf(parts)),
        Wire::Credentials => Operation::Credentials(credentials(parts)),
        Wire::Signal => Operation::Signal(Signal { number: low(v0), target: target(parts) }),
        Wire::IoUringSetup => Operation::IoUring(IoUring::Setup(low(v0))),
        Wire::IoUringSubmit => {
            let unknown = DecodeError::Value { what: "io_uring opcode", value: low(v0) };
            Operation::IoUring(IoUring::Submit(u8::try_from(v0).map_err(|_| unknown)?))
        }
        Wire::ExecFailed => Operation::ExecFailed(parts.path(0)),
    })
}

const fn namespace(change: NamespaceChange) -> Operation {
    Operation::Namespace(change)
}

const fn access(request: AccessRequest, parts: &Parts<'_>) -> Operation {
    Operation::Access(Access { request, target: target(parts) })
}

/// By number and beginning, or where there is no beginning, by the number that the caller used.
const fn target(parts: &Parts<'_>) -> Target {
    let [_, pid, start_ns, ..] = parts.values;
    match start_ns {
        0 => Target::Number(low(pid)),
        start_ns => Target::Key(ProcessKey::new(low(pid), start_ns)),
    }
}

fn bpf(parts: &Parts<'_>) -> Bpf {
    let [command, kind, ..] = parts.values;
    match low(command) {
        Bpf::PROG_LOAD => Bpf::ProgramLoad { program_type: low(kind), name: parts.text(0) },
        Bpf::MAP_CREATE => Bpf::MapCreate { map_type: low(kind), name: parts.text(0) },
        command => Bpf::Other(command),
    }
}

const fn credentials(parts: &Parts<'_>) -> CredentialsChange {
    let [old_user, old_group, old_capabilities, user, group, capabilities] = parts.values;
    CredentialsChange {
        before: identity(old_user, old_group, old_capabilities),
        after: identity(user, group, capabilities),
    }
}

const fn identity(user: u64, group: u64, capabilities: u64) -> Identity {
    Identity {
        uid: low(user),
        euid: high(user),
        gid: low(group),
        egid: high(group),
        capabilities: Capabilities(capabilities),
    }
}
