//! Records of calls.

mod file;
mod socket;

use std::mem::offset_of;

use proptest::prelude::*;
use rampart_abi::{
    CALL_PIECES, CALL_VALUES, Call as WireCall, ORIGIN_IO_URING, ORIGIN_RESOLVED, ORIGIN_UNFINISHED,
    Operation as Wire, SocketValues,
};
use rampart_model::{
    Access, AccessRequest, Bpf, Call, CallResult, Capabilities, CredentialsChange, FileCall, FileOperation,
    Identity, IoUring, Memfd, Module, NamespaceChange, NamespaceTypes, Operation, Origin, Outcome,
    ProcessKey, Signal, Target,
};
use zerocopy::{FromZeros, IntoBytes};

use super::header;
use crate::{Body, DecodeError, decode};

type Values = [u64; CALL_VALUES];
type Pieces<'a> = [&'a [u8]; CALL_PIECES];

const NOTHING: Pieces<'_> = [b""; CALL_PIECES];
const NONE: Values = [0; CALL_VALUES];

fn record(operation: Wire, origin: u16, errno: u32, values: Values, pieces: Pieces<'_>) -> Vec<u8> {
    let variable = pieces.concat();
    let mut wire = WireCall::new_zeroed();
    wire.header = header(operation.kind(), size_of::<WireCall>() + variable.len());
    (wire.operation, wire.origin, wire.errno) = (operation as u16, origin, errno);
    (wire.values, wire.lengths) = (values, pieces.map(|piece| u16::try_from(piece.len()).unwrap()));
    [wire.as_bytes(), &variable].concat()
}

fn called(bytes: &[u8]) -> Result<Call, DecodeError> {
    decode(bytes).map(|capture| call_of(capture.body))
}

fn call_of(body: Body) -> Call {
    let Body::Call(call) = body else { panic!("{body:?}") };
    call
}

/// What a successful system call is taken for.
fn done(operation: Wire, values: Values, pieces: Pieces<'_>) -> Operation {
    let call = called(&record(operation, 0, 0, values, pieces)).unwrap();
    assert_eq!(call.outcome, Outcome::DONE);
    call.operation
}

/// One of each operation, with as few numbers as make sense.
pub(super) fn records() -> Vec<Vec<u8>> {
    let of = |operation: &Wire| record(*operation, 0, 0, NONE, NOTHING);
    Wire::ALL.iter().map(of).collect()
}

fn values<const N: usize>(given: [u64; N]) -> Values {
    let mut values = NONE;
    values[..N].copy_from_slice(&given);
    values
}

fn pieces<const N: usize>(given: [&[u8]; N]) -> Pieces<'_> {
    let mut pieces = NOTHING;
    pieces[..N].copy_from_slice(&given);
    pieces
}

#[test]
fn everything_else() {
    let path = pieces([b"x\0", b"tmp\0"]);
    let types = |bits| NamespaceTypes(bits);
    let access = |request, target| Operation::Access(Access { request, target });
    let key = Target::Key(ProcessKey::new(40, 1_000_000_000));
    let identity =
        |uid, euid, bits| Identity { uid, euid, gid: 5, egid: 6, capabilities: Capabilities(bits) };
    for (wire, given, expected) in [
        (Wire::Setns, values([0, 64]), Operation::Namespace(NamespaceChange::Setns(types(64)))),
        (Wire::Setns, values([32, 64]), Operation::Namespace(NamespaceChange::Setns(types(32)))),
        (Wire::Unshare, values([64]), Operation::Namespace(NamespaceChange::Unshare(types(64)))),
        (Wire::Clone, values([64]), Operation::Namespace(NamespaceChange::Clone(types(64)))),
        (Wire::Chroot, NONE, Operation::Namespace(NamespaceChange::Chroot("/tmp/x".into()))),
        (Wire::Ptrace, values([16, 40, 1_000_000_000]), access(AccessRequest::Attach, key.clone())),
        (Wire::ProcessVmRead, values([0, 40]), access(AccessRequest::Read, Target::Number(40))),
        (Wire::ProcessVmWrite, values([0, 40]), access(AccessRequest::Write, Target::Number(40))),
        (Wire::MemfdCreate, values([1]), Operation::Memfd(Memfd { name: "x".into(), flags: 1 })),
        (Wire::InitModule, values([4096]), Operation::Module(Module::Load(4096))),
        (Wire::FinitModule, NONE, Operation::Module(Module::LoadFile("/tmp/x".into()))),
        (Wire::DeleteModule, NONE, Operation::Module(Module::Unload("x".into()))),
        (Wire::Bpf, values([5, 2]), Operation::Bpf(Bpf::ProgramLoad { program_type: 2, name: "x".into() })),
        (Wire::Bpf, values([0, 27]), Operation::Bpf(Bpf::MapCreate { map_type: 27, name: "x".into() })),
        (Wire::Bpf, values([8]), Operation::Bpf(Bpf::Other(8))),
        (
            Wire::Credentials,
            [1 | 2 << 32, 5 | 6 << 32, 7, 3 | 4 << 32, 5 | 6 << 32, 8],
            Operation::Credentials(CredentialsChange { before: identity(1, 2, 7), after: identity(3, 4, 8) }),
        ),
        (Wire::Signal, values([9, 40, 1_000_000_000]), Operation::Signal(Signal { number: 9, target: key })),
        (Wire::IoUringSetup, values([32]), Operation::IoUring(IoUring::Setup(32))),
        (Wire::IoUringSubmit, values([46]), Operation::IoUring(IoUring::Submit(46))),
        (Wire::ExecFailed, NONE, Operation::ExecFailed("/tmp/x".into())),
    ] {
        assert_eq!(done(wire, given, path), expected, "{wire:?} {given:?}");
    }
}

#[test]
fn outcomes() {
    let refused = CallResult::Refused;
    for (origin, errno, result, way) in [
        (0, 0, CallResult::Done, Origin::Syscall),
        (ORIGIN_RESOLVED, 13, refused(13), Origin::Syscall),
        (ORIGIN_IO_URING, 4095, refused(4095), Origin::IoUring),
        (ORIGIN_IO_URING | ORIGIN_UNFINISHED, 0, CallResult::Unfinished, Origin::IoUring),
    ] {
        let call = called(&record(Wire::Unlink, origin, errno, NONE, NOTHING)).unwrap();
        assert_eq!(call.outcome, Outcome { result, origin: way });
    }
}

#[test]
fn bad_calls_say_why() {
    let with = |at: usize, value: u16| {
        let mut bytes = record(Wire::Unlink, 0, 0, NONE, pieces([b"a\0"]));
        bytes[at..at + 2].copy_from_slice(&value.to_ne_bytes());
        bytes
    };
    let wrong = |what, value| DecodeError::Value { what, value };
    for (bytes, error) in [
        (with(offset_of!(WireCall, operation), 999), wrong("operation", 999)),
        // Of another kind than the record says.
        (with(offset_of!(WireCall, operation), Wire::Bpf as u16), wrong("operation", Wire::Bpf as u32)),
        (with(offset_of!(WireCall, errno), 4096), wrong("errno", 4096)),
        (with(offset_of!(WireCall, lengths), 3), DecodeError::Short),
        (record(Wire::Ptrace, 0, 0, values([999]), NOTHING), wrong("ptrace request", 999)),
        (record(Wire::IoUringSubmit, 0, 0, values([256]), NOTHING), wrong("io_uring opcode", 256)),
    ] {
        assert_eq!(called(&bytes), Err(error));
    }
}

/// A number that means something, or any.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        0_u64..300,
        any::<u64>(),
        prop::sample::select(vec![0x4206, stream(1), stream(2), stream(10), u64::from(u32::MAX)]),
    ]
}

const fn stream(family: u16) -> u64 {
    SocketValues { family, kind: 1, protocol: 6, descriptor: 0 }.pack()
}

/// Text as it should be, and any bytes.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        "[a./\\x00]{0,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..600),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// A call that is well formed is an event of its kind and name, or is refused for a number in it: its text is
    /// never at fault, and a path is absolute or not there.
    #[test]
    fn well_formed_calls_are_what_they_say(
        place in 0..Wire::ALL.len(),
        origin in 0_u16..8,
        errno in prop_oneof![Just(0_u32), 0_u32..4200],
        values in prop::array::uniform6(number()),
        pieces in prop::array::uniform6(piece()),
    ) {
        let wire = Wire::ALL[place];
        let bytes = record(wire, origin, errno, values, pieces.each_ref().map(Vec::as_slice));
        match called(&bytes) {
            Ok(Call { operation, .. }) => {
                prop_assert_eq!(operation.kind().name(), wire.kind().name());
                let name = operation.name();
                prop_assert!(name == wire.name() || wire == Wire::Open && ["write", "create"].contains(&name), "{name}");
                for path in paths_of(&operation) {
                    prop_assert!(path.is_empty() || path.starts_with('/'), "{wire:?} {path}");
                }
            }
            Err(DecodeError::Value { what, .. }) => {
                let about = ["errno", "ptrace request", "io_uring opcode"].contains(&what);
                prop_assert!(about, "{wire:?}: {what}");
            }
            Err(other) => prop_assert!(false, "{wire:?}: {other}"),
        }
    }
}

fn paths_of(operation: &Operation) -> Vec<&str> {
    match operation {
        Operation::File(FileCall { path, operation }) => match operation {
            FileOperation::Rename { to: other } | FileOperation::Link { existing: other } => {
                vec![path, other]
            }
            _ => vec![path],
        },
        Operation::Mount(mount) => vec![&mount.target],
        Operation::Namespace(NamespaceChange::Chroot(path))
        | Operation::Module(Module::LoadFile(path))
        | Operation::ExecFailed(path) => vec![path],
        _ => vec![],
    }
}
