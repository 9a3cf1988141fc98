use rampart_model::{Call, FileCall, FileOperation, OpenFlags, Operation};

use super::{EACCES, done, refused, submitted};

// include/uapi/asm-generic/fcntl.h
const O_WRONLY: u32 = 0o1;
const O_RDWR: u32 = 0o2;
const O_CREAT: u32 = 0o100;
const O_TRUNC: u32 = 0o1000;
const O_CLOEXEC: u32 = 0o2_000_000;

pub(super) fn calls() -> Vec<Call> {
    vec![
        done(file("/etc/shadow", FileOperation::Open(OpenFlags(O_CLOEXEC)))),
        done(file("/etc/passwd", FileOperation::Write(OpenFlags(O_WRONLY | O_TRUNC)))),
        done(file(
            "/etc/cron.d/job",
            FileOperation::Create { flags: OpenFlags(O_RDWR | O_CREAT), mode: 0o644 },
        )),
        submitted(file("/var/log/auth.log", FileOperation::Rename { to: "/tmp/old".into() })),
        done(file("/root/.bash_history", FileOperation::Unlink)),
        done(file("/var/log/audit", FileOperation::Rmdir)),
        done(file("/tmp/sh", FileOperation::Link { existing: "/bin/sh".into() })),
        done(file("/root/.bash_history", FileOperation::Symlink { text: "/dev/null".into() })),
        done(file("/tmp/sh", FileOperation::Chmod { mode: 0o4755 })),
        refused(EACCES, file("/etc/shadow", FileOperation::Chown { uid: Some(33), gid: None })),
        done(file("/tmp/sh", FileOperation::Chown { uid: None, gid: Some(0) })),
        // A block device of major 8, minor 0, with permissions 0600.
        done(file("/tmp/disk", FileOperation::Mknod { mode: 0o60_600, device: 0x800 })),
    ]
}

fn file(path: &str, operation: FileOperation) -> Operation {
    Operation::File(FileCall { path: path.into(), operation })
}
