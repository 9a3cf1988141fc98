use rampart_abi::Operation as Wire;
use rampart_model::{CallResult, Mount, MountOperation, Operation};

use super::{DecodeError, call::Parts};

// include/uapi/linux/mount.h
const MS_REMOUNT: u64 = 32;
const MS_BIND: u64 = 4096;
const MS_MOVE: u64 = 8192;
const MOVE_MOUNT_F_EMPTY_PATH: u64 = 4;
/// include/uapi/linux/fcntl.h
const AT_RECURSIVE: u64 = 0x8000;

/// Something done with mounts.
pub(super) fn mount(what: Wire, parts: &Parts<'_>) -> Result<Operation, DecodeError> {
    let [v0, v1, v2, ..] = parts.values;
    let (operation, source, target) = match what {
        Wire::Mount => (MountOperation::Mount(v0), mounted(parts), given(parts, 2)),
        Wire::Unmount => (MountOperation::Unmount(v0), "".into(), given(parts, 2)),
        Wire::MoveMount if v0 & MOVE_MOUNT_F_EMPTY_PATH != 0 && parts.result == CallResult::Done => {
            return Ok(attached(parts));
        }
        Wire::MoveMount => (MountOperation::Move, parts.path(0), parts.path(2)),
        Wire::FsMount => (MountOperation::FsMount(v1), parts.text(0), "".into()),
        Wire::FsOpen => (MountOperation::FsOpen, "".into(), "".into()),
        Wire::OpenTree => (MountOperation::OpenTree(v0), "".into(), parts.existing(2)),
        Wire::MountSetattr => {
            let recursive = v0 & AT_RECURSIVE != 0;
            (MountOperation::SetAttributes { set: v1, cleared: v2, recursive }, "".into(), parts.path(2))
        }
        Wire::PivotRoot => (MountOperation::PivotRoot, parts.path(0), parts.path(2)),
        other => return Err(DecodeError::Value { what: "operation on mounts", value: other as u32 }),
    };
    Ok(Operation::Mount(Mount { operation, source, target, fs_type: parts.text(4) }))
}

/// A path as the kernel resolved it, else as the caller gave it: nothing when it gave none.
fn given(parts: &Parts<'_>, index: usize) -> Box<str> {
    match parts.text(index).is_empty() {
        true if parts.is_resolved => parts.existing(index),
        true => "".into(),
        false => parts.path(index),
    }
}

/// What mount(2) was given: a path when it begins like one, or when it is what is bound or moved.
fn mounted(parts: &Parts<'_>) -> Box<str> {
    let [flags, ..] = parts.values;
    let source = parts.text(0);
    let by_path = flags & (MS_BIND | MS_MOVE) != 0 && flags & MS_REMOUNT == 0;
    if source.starts_with('/') || by_path { given(parts, 0) } else { source }
}

/// A mount that was made by fsmount(2) or open_tree(2), at its place: all by the kernel's own words.
fn attached(parts: &Parts<'_>) -> Operation {
    let [_, flags, ..] = parts.values;
    let inside = parts.names(5);
    let bind = !inside.is_empty();
    Operation::Mount(Mount {
        operation: MountOperation::Attach { flags, bind },
        source: if bind { inside } else { parts.text(0) },
        target: parts.existing(2),
        fs_type: parts.text(4),
    })
}
