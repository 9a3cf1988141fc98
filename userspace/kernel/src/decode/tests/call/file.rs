//! Calls with paths.

use rampart_abi::{ORIGIN_IO_URING, ORIGIN_RESOLVED, ORIGIN_UNFINISHED, Operation as Wire};
use rampart_model::{
    CallResult, FileCall, FileOperation, Mount, MountOperation, OpenFlags, Operation, Origin, Outcome,
};

use super::{NONE, called, done, pieces, record, values};

fn file(path: &str, operation: FileOperation) -> Operation {
    Operation::File(FileCall { path: path.into(), operation })
}

#[test]
fn mounts() {
    let names = pieces([b"sock\0", b"run\0", b"../mnt\0", b"tmp\0"]);
    let device = pieces([b"/dev/sda1\0", b"", b"", b"mnt\0", b"ext4\0"]);
    let inside = pieces([b"/dev/sda1\0", b"", b"", b"mnt\0", b"ext4\0", b"etc\0"]);
    let typed = pieces([b"none\0", b"tmp\0", b"mnt\0", b"tmp\0", b"tmpfs\0"]);
    for (wire, given, text, operation, source, target, fs_type) in [
        (Wire::Mount, [4096, 0, 0], names, MountOperation::Mount(4096), "/run/sock", "/mnt", ""),
        // A source that is no path stays what it is, also when it looks like a relative one.
        (Wire::Mount, [0, 0, 0], typed, MountOperation::Mount(0), "none", "/tmp/mnt", "tmpfs"),
        (Wire::Mount, [4096 | 32, 0, 0], typed, MountOperation::Mount(4128), "none", "/tmp/mnt", "tmpfs"),
        (Wire::Unmount, [2, 0, 0], names, MountOperation::Unmount(2), "", "/mnt", ""),
        (Wire::MoveMount, [0, 0, 0], names, MountOperation::Move, "/run/sock", "/mnt", ""),
        (Wire::MoveMount, [4, 1, 0], device, attached(1, false), "/dev/sda1", "/mnt", "ext4"),
        (Wire::MoveMount, [4, 0, 0], inside, attached(0, true), "/etc", "/mnt", "ext4"),
        (Wire::FsMount, [0, 1, 0], device, MountOperation::FsMount(1), "/dev/sda1", "", "ext4"),
        (Wire::FsOpen, [0, 0, 0], device, MountOperation::FsOpen, "", "", "ext4"),
        (Wire::OpenTree, [1, 0, 0], names, MountOperation::OpenTree(1), "", "/mnt", ""),
        (Wire::MountSetattr, [0x8000, 1, 2], names, attributes(1, 2, true), "", "/mnt", ""),
        (Wire::PivotRoot, [0, 0, 0], names, MountOperation::PivotRoot, "/run/sock", "/mnt", ""),
    ] {
        let (source, target, fs_type) = (source.into(), target.into(), fs_type.into());
        let expected = Operation::Mount(Mount { operation, source, target, fs_type });
        assert_eq!(done(wire, values(given), text), expected, "{wire:?} {given:?}");
    }
}

/// As the kernel resolved them, there is no text, and no name is the root.
#[test]
fn resolved_mounts() {
    for (wire, flags, names, source, target) in [
        (Wire::Mount, 4096, pieces([b"", b"sock\0run\0", b"", b"mnt\0"]), "/run/sock", "/mnt"),
        (Wire::Mount, 4096, pieces([b"", b"sock\0run\0", b"", b""]), "/run/sock", "/"),
        (Wire::Mount, 0, pieces([b"proc\0", b"", b"", b"mnt\0"]), "proc", "/mnt"),
        (Wire::Unmount, 2, pieces([b"", b"", b"", b"b\0a\0"]), "", "/a/b"),
    ] {
        let call = called(&record(wire, ORIGIN_RESOLVED, 0, values([flags]), names)).unwrap();
        let Operation::Mount(mount) = call.operation else { panic!("no mount") };
        assert_eq!((&*mount.source, &*mount.target), (source, target), "{wire:?} {names:?}");
    }
}

const fn attached(flags: u64, bind: bool) -> MountOperation {
    MountOperation::Attach { flags, bind }
}

const fn attributes(set: u64, cleared: u64, recursive: bool) -> MountOperation {
    MountOperation::SetAttributes { set, cleared, recursive }
}

/// By the kernel's names or by the caller's text, relative to the kernel's names.
#[test]
fn paths() {
    for (text, base, origin, expected) in [
        (&b"/etc/passwd\0"[..], &b"home\0"[..], 0, "/etc/passwd"),
        (b"../etc//./passwd\0", b"web\0home\0", 0, "/home/etc/passwd"),
        (b"", b"passwd\0etc\0", ORIGIN_RESOLVED, "/etc/passwd"),
        (b"", b"/\0", ORIGIN_RESOLVED, "/"),
        // Nothing at all, of a call that succeeded: the root.
        (b"", b"", 0, "/"),
        (b"a\xffb\0", b"tmp\0", 0, "/tmp/a\\xffb"),
        (b"/cut/sho", b"", 0, "/cut/sho"),
    ] {
        let bytes = record(Wire::Unlink, origin, 0, NONE, pieces([text, base]));
        assert_eq!(called(&bytes).unwrap().operation, file(expected, FileOperation::Unlink));
    }
}

#[test]
fn files() {
    let names = pieces([b"a\0", b"tmp\0", b"b\0", b"tmp\0"]);
    for (wire, given, operation) in [
        (Wire::Open, [0, 0o644, 0], FileOperation::Open(OpenFlags(0))),
        (Wire::Open, [0o1101, 0o644, 0], FileOperation::Write(OpenFlags(0o1101))),
        (Wire::Open, [0o101, 0o100_644, 1], FileOperation::Create { flags: OpenFlags(0o101), mode: 0o644 }),
        (Wire::Rename, [0, 0, 0], FileOperation::Rename { to: "/tmp/b".into() }),
        (Wire::Unlink, [0, 0, 0], FileOperation::Unlink),
        (Wire::Rmdir, [0, 0, 0], FileOperation::Rmdir),
        (Wire::Link, [0, 0, 0], FileOperation::Link { existing: "/tmp/b".into() }),
        // What it says is kept as it is.
        (Wire::Symlink, [0, 0, 0], FileOperation::Symlink { text: "b".into() }),
        (Wire::Chmod, [0, 0o104_755, 0], FileOperation::Chmod { mode: 0o4755 }),
        (Wire::Chown, [0, 0, u64::from(u32::MAX)], FileOperation::Chown { uid: Some(0), gid: None }),
        (Wire::Mknod, [0, 0o60_600, 0x800], FileOperation::Mknod { mode: 0o60_600, device: 0x800 }),
    ] {
        assert_eq!(done(wire, values(given), names), file("/tmp/a", operation), "{wire:?} {given:?}");
    }
}

/// Where the end is not seen, what was asked for counts, unless the kernel's own file says that it was made.
#[test]
fn files_whose_end_is_not_seen() {
    let flags = OpenFlags(0o101);
    let created = || FileOperation::Create { flags, mode: 0o600 };
    for (origin, made, operation) in [
        (0, 0, created()),
        (ORIGIN_RESOLVED, 0, FileOperation::Write(flags)),
        (ORIGIN_RESOLVED, 1, created()),
    ] {
        let origin = origin | ORIGIN_IO_URING | ORIGIN_UNFINISHED;
        let names = pieces([b"", b"a\0tmp\0"]);
        let call = called(&record(Wire::Open, origin, 0, values([0o101, 0o600, made]), names)).unwrap();
        assert_eq!(call.operation, file("/tmp/a", operation), "{origin} {made}");
        assert_eq!(call.outcome, Outcome { result: CallResult::Unfinished, origin: Origin::IoUring });
    }
}
