mod call;

use std::mem::offset_of;

use proptest::prelude::*;
use rampart_abi::{
    CONNECT_ABORTED, CONNECT_FAILED, CONNECT_IN_PROGRESS, CONNECT_SUCCESS, Connect as WireConnect,
    EXEC_MEMFD, EXEC_UPPER_LAYER, Exec as WireExec, Exit as WireExit, FLAG_ARGS_TRUNCATED, Fork as WireFork,
};
use rampart_model::{ConnectOutcome, DescriptorKind, ExecutableTraits, Exit};
use zerocopy::{FromZeros, IntoBytes};

use super::*;

fn header(kind: Kind, length: usize) -> Header {
    Header {
        kind: kind as u16,
        version: VERSION,
        length: u32::try_from(length).unwrap(),
        cpu: 1,
        flags: 0,
        sequence: 7,
        time_ns: 42,
    }
}

fn exec_record() -> Vec<u8> {
    let variable = b"xmrig\0tmp\0root\0system.slice\0run.sh\0xmrig\0-o\0pool:3333\0";
    let mut wire = WireExec::new_zeroed();
    wire.header = header(Kind::Exec, size_of::<WireExec>() + variable.len());
    wire.task.pid = 10;
    wire.task.tid = 10;
    wire.task.cgroup_id = 4711;
    wire.task.comm[..5].copy_from_slice(b"xmrig");
    wire.lineage.login_uid = u32::MAX;
    wire.lineage.inner_pid = 3;
    wire.traits = EXEC_MEMFD | EXEC_UPPER_LAYER;
    wire.capabilities = 1 << 40 | 1;
    wire.stdio_modes = [0o140_777, 0o020_620, 0];
    wire.stdio_majors = [0, 136, 0];
    (wire.path_length, wire.cwd_length, wire.cgroup_length) = (10, 5, 13);
    (wire.script_length, wire.args_length, wire.args_total) = (7, 19, 19);
    [wire.as_bytes(), variable].concat()
}

fn connect_record(family: u16, outcome: u16, errno: u32, destination: [u8; 16]) -> Vec<u8> {
    let mut wire = WireConnect::new_zeroed();
    wire.header = header(Kind::Connect, size_of::<WireConnect>());
    (wire.family, wire.protocol, wire.destination_port) = (family, 6, 3333);
    (wire.outcome, wire.errno, wire.destination) = (outcome, errno, destination);
    wire.as_bytes().to_vec()
}

#[test]
fn an_exec_is_decoded() {
    let capture = decode(&exec_record()).unwrap();
    assert_eq!((capture.time_ns, capture.cpu, capture.sequence), (42, 1, 7));
    assert_eq!(&*capture.task.name, "xmrig");
    let Body::Exec(exec) = capture.body else { panic!("{:?}", capture.body) };
    assert_eq!(&*exec.executable, "/tmp/xmrig");
    assert_eq!(&*exec.working_directory, "/root");
    assert_eq!(&*exec.cgroup, "/system.slice");
    assert_eq!(exec.args.command_line(), "xmrig -o pool:3333");
    assert_eq!(exec.stdio.stdin, DescriptorKind::Socket);
    assert_eq!(exec.stdio.stdout, DescriptorKind::Terminal);
    assert_eq!(exec.stdio.stderr, DescriptorKind::None);
    assert_eq!((exec.lineage.login_uid, exec.lineage.inner_pid, capture.task.cgroup_id), (None, 3, 4711));
    assert_eq!(exec.capabilities.names().to_string(), "chown,checkpoint_restore");
    assert_eq!(exec.script.as_deref(), Some("/root/run.sh"));
    assert_eq!(exec.traits, ExecutableTraits { deleted: false, memfd: true, upper_layer: true });
    assert!(!exec.args_truncated);
}

/// A terminal is a character device with a terminal's number; a disk may have the same number.
#[test]
fn terminals_are_told_from_other_devices() {
    let (terminal, character) = (DescriptorKind::Terminal, DescriptorKind::Character);
    for (mode, major, expected) in [
        (0o020_620, 4, terminal),
        (0o020_620, 5, terminal),
        (0o020_620, 143, terminal),
        (0o020_620, 188, terminal),
        (0o020_666, 1, character),
        (0o020_620, 135, character),
        (0o020_620, 144, character),
        (0o060_660, 4, DescriptorKind::Block),
        (0o100_644, 4, DescriptorKind::File),
    ] {
        let mut bytes = exec_record();
        let (mut wire, _) = WireExec::read_from_prefix(&bytes).unwrap();
        (wire.stdio_modes, wire.stdio_majors) = ([0, 0, mode], [0, 0, major]);
        bytes[..size_of::<WireExec>()].copy_from_slice(wire.as_bytes());
        let Body::Exec(exec) = decode(&bytes).unwrap().body else { panic!("no exec") };
        assert_eq!(exec.stdio.stderr, expected, "{mode:o} {major}");
    }
}

#[test]
fn cut_arguments_are_told_by_the_flag_or_by_the_lengths() {
    for (flags, total, truncated) in [(0, 19, false), (FLAG_ARGS_TRUNCATED, 19, true), (0, 20, true)] {
        let mut bytes = exec_record();
        let (mut wire, _) = WireExec::read_from_prefix(&bytes).unwrap();
        (wire.header.flags, wire.args_total) = (flags, total);
        bytes[..size_of::<WireExec>()].copy_from_slice(wire.as_bytes());
        let Body::Exec(exec) = decode(&bytes).unwrap().body else { panic!("no exec") };
        assert_eq!(exec.args_truncated, truncated, "{flags} {total}");
    }
}

#[test]
fn beginnings_and_ends_are_decoded() {
    let mut fork = WireFork::new_zeroed();
    fork.header = header(Kind::Fork, size_of::<WireFork>());
    (fork.task.mnt_ns, fork.task.pid_ns) = (1, 2);
    (fork.lineage.parent_pid, fork.lineage.login_uid, fork.lineage.inner_pid) = (9, 1000, 3);
    let Body::Fork(fork) = decode(fork.as_bytes()).unwrap().body else { panic!("no fork") };
    assert_eq!((fork.mnt_ns, fork.pid_ns, fork.lineage.parent_pid), (1, 2, 9));
    assert_eq!((fork.lineage.login_uid, fork.lineage.inner_pid), (Some(1000), 3));
    for (status, code, signal) in [(0x100, 1, None), (9, 0, Some(9)), (0x8b, 0, Some(11)), (0, 0, None)] {
        let mut exit = WireExit::new_zeroed();
        exit.header = header(Kind::Exit, size_of::<WireExit>());
        exit.status = status;
        assert_eq!(decode(exit.as_bytes()).unwrap().body, Body::Exit(Exit { code, signal }), "{status:#x}");
    }
}

#[test]
fn connects_are_decoded() {
    let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1];
    let v4 = [10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (family, outcome, errno, address, expected) in [
        (2, CONNECT_SUCCESS, 0, v4, Ok(("10.0.0.1:3333", ConnectOutcome::Success))),
        (10, CONNECT_IN_PROGRESS, 0, mapped, Ok(("10.0.0.1:3333", ConnectOutcome::InProgress))),
        (2, CONNECT_FAILED, 111, v4, Ok(("10.0.0.1:3333", ConnectOutcome::Refused))),
        (2, CONNECT_FAILED, 101, v4, Ok(("10.0.0.1:3333", ConnectOutcome::Failed(101)))),
        (2, CONNECT_ABORTED, 0, v4, Ok(("10.0.0.1:3333", ConnectOutcome::Aborted))),
        (1, CONNECT_SUCCESS, 0, v4, Err(DecodeError::Value { what: "address family", value: 1 })),
        (2, 9, 0, v4, Err(DecodeError::Value { what: "connect outcome", value: 9 })),
        (2, CONNECT_FAILED, 5000, v4, Err(DecodeError::Value { what: "errno", value: 5000 })),
    ] {
        let decoded = decode(&connect_record(family, outcome, errno, address)).map(|capture| {
            let Body::Connect(connect) = capture.body else { panic!("{:?}", capture.body) };
            (connect.destination.to_string(), connect.outcome)
        });
        assert_eq!(decoded, expected.map(|(address, outcome)| (address.to_owned(), outcome)));
    }
}

#[test]
fn bad_records_say_why() {
    let good = exec_record();
    let change = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        bytes
    };
    for (bytes, error) in [
        (good[..20].to_vec(), DecodeError::Short),
        (change(2, 99), DecodeError::Version(99)),
        (change(0, 200), DecodeError::Kind(200)),
        (good[..good.len() - 1].to_vec(), DecodeError::Length { claimed: 238, actual: 237 }),
        // The path claims to be longer than the record.
        (change(offset_of!(WireExec, path_length) + 1, 0xff), DecodeError::Short),
    ] {
        assert_eq!(decode(&bytes), Err(error));
    }
}

/// A record of each kind.
fn records() -> Vec<Vec<u8>> {
    let mut fork = WireFork::new_zeroed();
    fork.header = header(Kind::Fork, size_of::<WireFork>());
    let mut exit = WireExit::new_zeroed();
    exit.header = header(Kind::Exit, size_of::<WireExit>());
    let first = [fork.as_bytes().to_vec(), exit.as_bytes().to_vec(), connect_record(2, 0, 0, [1; 16])];
    first.into_iter().chain([exec_record()]).chain(call::records()).collect()
}

#[test]
fn every_kind_is_decoded_as_itself() {
    let mut found = [false; Kind::ALL.len()];
    for bytes in records() {
        let kind = kind_of(&bytes).unwrap();
        assert_eq!(decode(&bytes).unwrap().kind().name(), kind.name());
        found[kind as usize] = true;
    }
    assert_eq!(found, [true; Kind::ALL.len()]);
}

proptest! {
    #[test]
    fn damage_never_panics(
        which: prop::sample::Index,
        changes in prop::collection::vec((0_usize..300, any::<u8>()), 0..8),
        cut in 0_usize..300,
        fix_length: bool,
    ) {
        let mut bytes = which.get(&records()).clone();
        let length = bytes.len();
        for (at, value) in &changes {
            bytes[at % length] = *value;
        }
        bytes.truncate(length - cut % length);
        // Otherwise little gets beyond the check of the length.
        if fix_length && let Some(field) = bytes.get_mut(offset_of!(Header, length)..offset_of!(Header, cpu)) {
            field.copy_from_slice(&u32::try_from(length - cut % length).unwrap().to_ne_bytes());
        }
        drop(decode(&bytes));
    }

    #[test]
    fn noise_never_panics(bytes: Vec<u8>) {
        drop(decode(&bytes));
    }

    #[test]
    fn noise_behind_a_good_header_never_panics(kind in 0..Kind::ALL.len(), body in prop::collection::vec(any::<u8>(), 0..400)) {
        let header = header(Kind::ALL[kind], size_of::<Header>() + body.len());
        drop(decode(&[header.as_bytes(), &body].concat()));
    }
}
