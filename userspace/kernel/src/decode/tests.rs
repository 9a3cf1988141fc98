use proptest::prelude::*;
use rampart_abi::{Connect as WireConnect, Exec as WireExec};
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
    let variable = b"xmrig\0tmp\0root\0system.slice\0xmrig\0-o\0pool:3333\0";
    let mut wire = WireExec::new_zeroed();
    wire.header = header(Kind::Exec, size_of::<WireExec>() + variable.len());
    wire.task.pid = 10;
    wire.task.tid = 10;
    wire.task.comm[..5].copy_from_slice(b"xmrig");
    wire.lineage.login_uid = u32::MAX;
    wire.stdio_modes = [0o140_777, 0o020_620, 0];
    (wire.path_length, wire.cwd_length, wire.cgroup_length, wire.args_length) = (10, 5, 13, 19);
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
    assert_eq!(exec.stdio.stdout, DescriptorKind::Character);
    assert_eq!(exec.stdio.stderr, DescriptorKind::None);
    assert_eq!(exec.lineage.login_uid, None);
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
        (good[..good.len() - 1].to_vec(), DecodeError::Length { claimed: 215, actual: 214 }),
        // The path claims to be longer than the record.
        (change(151, 0xff), DecodeError::Short),
    ] {
        assert_eq!(decode(&bytes), Err(error));
    }
}

proptest! {
    #[test]
    fn damage_never_panics(changes in prop::collection::vec((0_usize..220, any::<u8>()), 0..8), cut in 0_usize..220) {
        for mut bytes in [exec_record(), connect_record(2, 0, 0, [1; 16])] {
            let length = bytes.len();
            for (at, value) in &changes {
                bytes[at % length] = *value;
            }
            bytes.truncate(length - cut % length);
            drop(decode(&bytes));
        }
    }

    #[test]
    fn noise_never_panics(bytes: Vec<u8>) {
        drop(decode(&bytes));
    }
}
