use rampart_abi::Operation as Wire;
use rampart_model::{CallResult, FileCall, FileOperation, OpenFlags, Operation};

use super::{
    DecodeError,
    call::{Parts, low},
};

/// The bits of a mode that are permissions (include/uapi/linux/stat.h).
const PERMISSIONS: u16 = 0o7777;

/// Something done with a file.
pub(super) fn file(what: Wire, parts: &Parts<'_>) -> Result<Operation, DecodeError> {
    let [_, v1, v2, ..] = parts.values;
    let operation = match what {
        Wire::Open => opened(parts),
        Wire::Rename => FileOperation::Rename { to: parts.path(2) },
        Wire::Unlink => FileOperation::Unlink,
        Wire::Rmdir => FileOperation::Rmdir,
        Wire::Link => FileOperation::Link { existing: parts.path(2) },
        Wire::Symlink => FileOperation::Symlink { text: parts.text(2) },
        Wire::Chmod => FileOperation::Chmod { mode: mode(v1) & PERMISSIONS },
        Wire::Chown => FileOperation::Chown { uid: id(v1), gid: id(v2) },
        Wire::Mknod => FileOperation::Mknod { mode: mode(v1), device: low(v2) },
        other => return Err(DecodeError::Value { what: "operation on a file", value: other as u32 }),
    };
    Ok(Operation::File(FileCall { path: parts.existing(0), operation }))
}

/// The kernel says whether the file was made by the call; where it has only seen that it was asked for, that counts.
fn opened(parts: &Parts<'_>) -> FileOperation {
    let [flags, given, created, ..] = parts.values;
    let flags = OpenFlags(low(flags));
    let is_asked = parts.result == CallResult::Unfinished && !parts.is_resolved;
    let created = if is_asked { flags.creates() } else { created != 0 };
    if created {
        FileOperation::Create { flags, mode: mode(given) & PERMISSIONS }
    } else if flags.writes() {
        FileOperation::Write(flags)
    } else {
        FileOperation::Open(flags)
    }
}

/// umode_t is the lower 16 bits of what the caller gave.
const fn mode(value: u64) -> u16 {
    let [a, b, ..] = value.to_le_bytes();
    u16::from_le_bytes([a, b])
}

/// -1 leaves it as it is.
const fn id(value: u64) -> Option<u32> {
    match low(value) {
        u32::MAX => None,
        id => Some(id),
    }
}
