//! Mounts, by the old system call and by the new ones.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use rampart_abi::{ORIGIN_RESOLVED, Operation};

use crate::{
    call::{Draft, Given, Room, one_path, two_paths, values},
    emit,
    kernel::{Pointer, offset},
    names::Names,
    pending::{self, Taken},
    socket,
    syscall::{self, Return},
    task,
};

/// The mount is the descriptor itself (include/uapi/linux/mount.h).
const MOVE_MOUNT_F_EMPTY_PATH: u64 = 4;

#[tracepoint(category = "syscalls", name = "sys_exit_mount")]
pub(crate) fn sys_exit_mount(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    if let Taken::Begun(draft, values) = pending::take(Operation::Mount) {
        draft.send(Operation::Mount, ORIGIN_RESOLVED, call.errno(), values);
        return 0;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::Mount.kind());
        return 0;
    };
    draft
        .given(0, Given::here(call.argument(0)))
        .given(2, Given::here(call.argument(1)))
        .piece(4, |names| names.add_string(call.argument(2)))
        .send(Operation::Mount, 0, call.errno(), values(call.argument(3), 0, 0));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_umount")]
pub(crate) fn sys_exit_umount(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    if let Taken::Begun(draft, values) = pending::take(Operation::Unmount) {
        draft.send(Operation::Unmount, ORIGIN_RESOLVED, call.errno(), values);
        return 0;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::Unmount.kind());
        return 0;
    };
    draft.given(2, Given::here(call.argument(0))).send(
        Operation::Unmount,
        0,
        call.errno(),
        values(call.argument(1), 0, 0),
    );
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_move_mount")]
pub(crate) fn sys_exit_move_mount(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let flags = call.argument(4);
    if flags & MOVE_MOUNT_F_EMPTY_PATH == 0 || !call.succeeded() {
        let from = Given::at(call.argument(0), call.argument(1));
        let to = Given::at(call.argument(2), call.argument(3));
        two_paths(call, Operation::MoveMount, from, to, values(flags, 0, 0));
        return 0;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::MoveMount.kind());
        return 0;
    };
    // After the call the kernel says where the mount is.
    let path = file(call.argument(0)).at(offset!(file_path));
    let mount = path.follow(offset!(path_mnt));
    draft
        .piece(0, |names| add_device(names, mount))
        .resolved(2, path)
        .piece(4, |names| add_type(names, mount))
        .piece(5, |names| names.add_inside(mount.follow(offset!(vfsmount_root))))
        .send(Operation::MoveMount, 0, 0, values(flags, flags_of(mount), 0));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_fsmount")]
pub(crate) fn sys_exit_fsmount(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::FsMount.kind());
        return 0;
    };
    let numbers = values(call.argument(1), call.argument(2), 0);
    if call.succeeded() {
        let mount = file(call.value as u64).at(offset!(file_path)).follow(offset!(path_mnt));
        draft.piece(0, |names| add_device(names, mount)).piece(4, |names| add_type(names, mount)).send(
            Operation::FsMount,
            0,
            0,
            numbers,
        );
    } else {
        draft.send(Operation::FsMount, 0, call.errno(), numbers);
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_fsopen")]
pub(crate) fn sys_exit_fsopen(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::FsOpen.kind());
        return 0;
    };
    draft.piece(4, |names| names.add_string(call.argument(0))).send(
        Operation::FsOpen,
        0,
        call.errno(),
        values(call.argument(1), 0, 0),
    );
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_open_tree")]
pub(crate) fn sys_exit_open_tree(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::OpenTree.kind());
        return 0;
    };
    draft.given(2, Given::at(call.argument(0), call.argument(1))).send(
        Operation::OpenTree,
        0,
        call.errno(),
        values(call.argument(2), 0, 0),
    );
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_mount_setattr")]
pub(crate) fn sys_exit_mount_setattr(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::MountSetattr.kind());
        return 0;
    };
    // struct mount_attr: attr_set, attr_clr.
    let attributes = call.argument(3);
    let (set, cleared) = (syscall::user_word(attributes), syscall::user_word(attributes.wrapping_add(8)));
    draft.given(2, Given::at(call.argument(0), call.argument(1))).send(
        Operation::MountSetattr,
        0,
        call.errno(),
        values(call.argument(2), set, cleared),
    );
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_pivot_root")]
pub(crate) fn sys_exit_pivot_root(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let old = Given::here(call.argument(1));
    two_paths(call, Operation::PivotRoot, Given::here(call.argument(0)), old, values(0, 0, 0));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_chroot")]
pub(crate) fn sys_exit_chroot(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    if !call.succeeded() {
        one_path(call, Operation::Chroot, Given::here(call.argument(0)), values(0, 0, 0));
        return 0;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::Chroot.kind());
        return 0;
    };
    let root = task::current().follow(offset!(task_fs)).at(offset!(fs_root)).pointer();
    draft.piece(1, |names| names.add_path(root, Pointer::NULL)).send(
        Operation::Chroot,
        0,
        0,
        values(0, 0, 0),
    );
    0
}

#[inline(always)]
fn file(descriptor: u64) -> Pointer {
    socket::file_of(task::current().follow(offset!(task_files)), descriptor as u32)
}

/// What a mount calls its device.
#[inline(always)]
fn add_device(names: Names, mount: Pointer) {
    names.add_name(mount.before(offset!(mount_vfsmount)).follow(offset!(mount_device)));
}

#[inline(always)]
fn add_type(names: Names, mount: Pointer) {
    let kind = mount.follow(offset!(vfsmount_superblock)).follow(offset!(superblock_type));
    names.add_name(kind.follow(offset!(filesystem_name)));
}

#[inline(always)]
fn flags_of(mount: Pointer) -> u64 {
    u64::from(mount.at(offset!(vfsmount_flags)).read::<u32>())
}
