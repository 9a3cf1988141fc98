//! Security hooks (BPF LSM, Linux 5.7), and the end of kernel functions (fexit): what tracepoints of system calls cannot
//! see. They watch only; every one of them allows.

use aya_ebpf::{
    macros::{fexit, lsm},
    programs::{FExitContext, LsmContext},
};
use rampart_abi::{ORIGIN_RESOLVED, Operation, WATCH_MODIFY};

use crate::{
    call::{AT_FDCWD, Draft, Room, values},
    emit,
    kernel::{Pointer, offset},
    pending, task,
    watch::{self, MAKING, Opening},
};

/// A place in the tree of files: a name in a mount. The name may not exist yet.
#[derive(Clone, Copy)]
struct Location {
    mount: Pointer,
    dentry: Pointer,
}

impl Location {
    /// A name in a folder, which is a struct path.
    #[inline(always)]
    fn inside(folder: Pointer, dentry: u64) -> Self {
        Self { mount: folder.follow(offset!(path_mnt)), dentry: Pointer::from_address(dentry) }
    }

    #[inline(always)]
    fn of(path: Pointer) -> Self {
        Self { mount: path.follow(offset!(path_mnt)), dentry: path.follow(offset!(path_dentry)) }
    }

    /// Whether a change of that kind is wanted there.
    #[inline(always)]
    fn is_wanted(self, kind: u32) -> bool {
        watch::is_wanted_at(self.mount, self.dentry, kind)
    }

    /// Writes it as the path of pieces `index` and the next.
    #[inline(always)]
    fn write(self, draft: Draft, index: usize) -> Draft {
        let root = task::current().follow(offset!(task_fs)).at(offset!(fs_root)).pointer();
        draft.piece(index + 1, |names| names.add_path_at(self.mount, self.dentry, root))
    }
}

#[inline(always)]
fn pointer(ctx: &LsmContext, n: usize) -> Pointer {
    Pointer::from_address(ctx.arg::<u64>(n))
}

#[inline(always)]
fn one(operation: Operation, location: Location, first: u64, second: u64) {
    let kind = if matches!(operation, Operation::Mknod) { MAKING } else { WATCH_MODIFY };
    if location.is_wanted(kind) {
        tell(operation, location, first, second);
    }
}

#[inline(always)]
fn tell(operation: Operation, location: Location, first: u64, second: u64) {
    pending::begin(operation, values(0, first, second), |draft| location.write(draft, 0));
}

#[lsm(hook = "path_unlink")]
pub(crate) fn lsm_path_unlink(ctx: LsmContext) -> i32 {
    one(Operation::Unlink, Location::inside(pointer(&ctx, 0), ctx.arg(1)), 0, 0);
    0
}

#[lsm(hook = "path_rmdir")]
pub(crate) fn lsm_path_rmdir(ctx: LsmContext) -> i32 {
    one(Operation::Rmdir, Location::inside(pointer(&ctx, 0), ctx.arg(1)), 0, 0);
    0
}

#[lsm(hook = "path_mknod")]
pub(crate) fn lsm_path_mknod(ctx: LsmContext) -> i32 {
    let (mode, device): (u32, u32) = (ctx.arg(2), ctx.arg(3));
    let location = Location::inside(pointer(&ctx, 0), ctx.arg(1));
    one(Operation::Mknod, location, u64::from(mode), u64::from(device));
    0
}

#[lsm(hook = "path_chmod")]
pub(crate) fn lsm_path_chmod(ctx: LsmContext) -> i32 {
    let mode: u32 = ctx.arg(1);
    let location = Location::of(pointer(&ctx, 0));
    if watch::is_mode_wanted(mode) || location.is_wanted(WATCH_MODIFY) {
        tell(Operation::Chmod, location, u64::from(mode), 0);
    }
    0
}

#[lsm(hook = "path_chown")]
pub(crate) fn lsm_path_chown(ctx: LsmContext) -> i32 {
    let (user, group): (u32, u32) = (ctx.arg(1), ctx.arg(2));
    one(Operation::Chown, Location::of(pointer(&ctx, 0)), u64::from(user), u64::from(group));
    0
}

#[lsm(hook = "path_symlink")]
pub(crate) fn lsm_path_symlink(ctx: LsmContext) -> i32 {
    let location = Location::inside(pointer(&ctx, 0), ctx.arg(1));
    let says = pointer(&ctx, 2);
    if location.is_wanted(MAKING) {
        pending::begin(Operation::Symlink, values(0, 0, 0), |draft| {
            location.write(draft, 0).piece(2, |names| names.add_kernel_string(says))
        });
    }
    0
}

#[lsm(hook = "path_link")]
pub(crate) fn lsm_path_link(ctx: LsmContext) -> i32 {
    let folder = pointer(&ctx, 1);
    // A hard link stays in its mount.
    let (new, existing) = (Location::inside(folder, ctx.arg(2)), Location::inside(folder, ctx.arg(0)));
    two(Operation::Link, new, existing, MAKING);
    0
}

#[lsm(hook = "path_rename")]
pub(crate) fn lsm_path_rename(ctx: LsmContext) -> i32 {
    let old = Location::inside(pointer(&ctx, 0), ctx.arg(1));
    two(Operation::Rename, old, Location::inside(pointer(&ctx, 2), ctx.arg(3)), WATCH_MODIFY);
    0
}

#[inline(always)]
fn two(operation: Operation, first: Location, second: Location, kind: u32) {
    if first.is_wanted(kind) || second.is_wanted(kind) {
        pending::begin(operation, values(0, 0, 0), |draft| second.write(first.write(draft, 0), 2));
    }
}

/// Files opened where no system call's end will tell.
#[lsm(hook = "file_open")]
pub(crate) fn lsm_file_open(ctx: LsmContext) -> i32 {
    let origin = pending::unseen_end();
    if origin == 0 {
        return 0;
    }
    let file = pointer(&ctx, 0);
    let flags: u32 = file.at(offset!(file_flags)).read();
    let path = file.at(offset!(file_path));
    let opening = Opening::of(file, flags);
    if !watch::is_wanted(path, opening.kind) {
        return 0;
    }
    let Some(draft) = Draft::begin(Room::Security) else {
        emit::lost(Operation::Open.kind());
        return 0;
    };
    let mode: u16 = file.follow(offset!(file_inode)).at(offset!(inode_mode)).read();
    draft.resolved(0, path).send(
        Operation::Open,
        origin | ORIGIN_RESOLVED,
        0,
        values(u64::from(flags), u64::from(mode), u64::from(opening.created)),
    );
    0
}

#[lsm(hook = "sb_umount")]
pub(crate) fn lsm_sb_umount(ctx: LsmContext) -> i32 {
    let mount = pointer(&ctx, 0);
    let flags: u32 = ctx.arg(1);
    let location = Location { mount, dentry: mount.follow(offset!(vfsmount_root)) };
    pending::begin(Operation::Unmount, values(u64::from(flags), 0, 0), |draft| location.write(draft, 2));
    0
}

/// The process that another reaches into, for process_vm_readv and its like.
#[lsm(hook = "ptrace_access_check")]
pub(crate) fn lsm_ptrace_access_check(ctx: LsmContext) -> i32 {
    if pending::unseen_end() == 0 {
        let (pid, start) = task::identity(pointer(&ctx, 0));
        pending::begin(Operation::Ptrace, values(0, pid, start), |draft| draft);
    }
    0
}

/// mount(2), with what the kernel has copied and resolved (fs/namespace.c, Linux 5.9).
#[fexit(function = "path_mount")]
pub(crate) fn fexit_path_mount(ctx: FExitContext) -> i32 {
    let text = |n: usize| Pointer::from_address(ctx.arg::<u64>(n));
    let flags: u64 = ctx.arg(3);
    pending::begin(Operation::Mount, values(flags, 0, 0), |draft| {
        draft
            .given_in_kernel(0, AT_FDCWD, text(0))
            .resolved(2, text(1))
            .piece(4, |names| names.add_kernel_string(text(2)))
    });
    0
}
