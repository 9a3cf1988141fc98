//! Files opened, and names and attributes changed.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use rampart_abi::{CALL_VALUES, ORIGIN_RESOLVED, Operation, WATCH_MODIFY};

use crate::{
    call::{self, Draft, Given, Room, values},
    emit,
    kernel::offset,
    pending::{self, Taken},
    socket,
    syscall::{self, Return},
    task,
    watch::{self, Opening},
};

// include/uapi/asm-generic/errno-base.h
const EPERM: i64 = 1;
const EACCES: i64 = 13;
const EROFS: i64 = 30;

// include/uapi/asm-generic/fcntl.h
const O_PATH: u32 = 0o10_000_000;
/// What creat(2) stands for: O_CREAT, O_WRONLY and O_TRUNC.
const O_CREAT_FLAGS: u32 = 0o1101;
// include/uapi/linux/fcntl.h
const AT_REMOVEDIR: u64 = 0x200;

macro_rules! open_calls {
    ($($name:ident $point:literal |$call:ident| $flags:expr;)*) => {$(
        #[tracepoint(category = "syscalls", name = $point)]
        pub(crate) fn $name(ctx: TracePointContext) -> u32 {
            if Return::value_of(&ctx) >= 0 {
                let $call = Return::of(&ctx);
                opened($call.value as u32, $flags);
            }
            0
        }
    )*};
}

// All have their outcome in the descriptor; the flags the kernel partly forgets once a file is open.
open_calls! {
    sys_exit_open "sys_exit_open" |call| call.argument(1) as u32;
    sys_exit_openat "sys_exit_openat" |call| call.argument(2) as u32;
    // struct open_how begins with the flags.
    sys_exit_openat2 "sys_exit_openat2" |call| syscall::user_word(call.argument(2)) as u32;
    sys_exit_creat "sys_exit_creat" |call| O_CREAT_FLAGS;
}

#[inline(always)]
fn opened(descriptor: u32, flags: u32) {
    if flags & O_PATH != 0 {
        return;
    }
    let file = socket::file_of(task::current().follow(offset!(task_files)), descriptor);
    let path = file.at(offset!(file_path));
    let opening = Opening::of(file, flags);
    if !watch::is_wanted(path, opening.kind) {
        return;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(Operation::Open.kind()) };
    let mode: u16 = file.follow(offset!(file_inode)).at(offset!(inode_mode)).read();
    let numbers = values(u64::from(flags), u64::from(mode), u64::from(opening.created));
    draft.resolved(0, path).send(Operation::Open, 0, 0, numbers);
}

/// Whether a call is told: it did something, or was not allowed to.
#[inline(always)]
fn tells(call: Return) -> bool {
    call.succeeded() || matches!(-call.value, EPERM | EACCES | EROFS)
}

/// Sends the record that a security hook began. Says whether that was all: where the hooks are attached, a call without
/// such a record is one that nobody wants to hear of.
#[inline(always)]
fn resolved(call: Return, operation: Operation) -> bool {
    if !pending::in_use(operation) {
        return false;
    }
    match pending::take(operation) {
        Taken::Begun(draft, values) => draft.send(operation, ORIGIN_RESOLVED, call.errno(), values),
        Taken::Nothing => {}
        Taken::Forgotten => return false,
    }
    true
}

#[inline(always)]
fn one_path(call: Return, operation: Operation, given: Given, values: [u64; CALL_VALUES]) {
    if !resolved(call, operation) {
        call::one_path(call, operation, given, values);
    }
}

#[inline(always)]
fn two_paths(call: Return, operation: Operation, first: Given, second: Given, values: [u64; CALL_VALUES]) {
    if !resolved(call, operation) {
        call::two_paths(call, operation, first, second, values);
    }
}

macro_rules! path_calls {
    ($($name:ident $point:literal $operation:ident |$call:ident| ($($path:expr),+) [$($value:expr),*];)*) => {$(
        #[tracepoint(category = "syscalls", name = $point)]
        pub(crate) fn $name(ctx: TracePointContext) -> u32 {
            let $call = Return::of(&ctx);
            if tells($call) {
                path_calls!(@send $call $operation ($($path),+) [$($value),*]);
            }
            0
        }
    )*};
    (@send $call:ident $operation:ident ($path:expr) [$($value:expr),*]) => {
        one_path($call, Operation::$operation, $path, values($($value),*))
    };
    (@send $call:ident $operation:ident ($first:expr, $second:expr) [$($value:expr),*]) => {
        two_paths($call, Operation::$operation, $first, $second, values($($value),*))
    };
}

/// A user or group id, in the lower half of a register.
#[inline(always)]
fn id(argument: u64) -> u64 {
    argument & 0xffff_ffff
}

path_calls! {
    sys_exit_rename "sys_exit_rename" Rename |call|
        (Given::here(call.argument(0)), Given::here(call.argument(1))) [0, 0, 0];
    sys_exit_renameat "sys_exit_renameat" Rename |call|
        (Given::at(call.argument(0), call.argument(1)), Given::at(call.argument(2), call.argument(3)))
        [call.argument(4), 0, 0];
    sys_exit_unlink "sys_exit_unlink" Unlink |call| (Given::here(call.argument(0))) [0, 0, 0];
    sys_exit_rmdir "sys_exit_rmdir" Rmdir |call| (Given::here(call.argument(0))) [0, 0, 0];
    sys_exit_link "sys_exit_link" Link |call|
        (Given::here(call.argument(1)), Given::here(call.argument(0))) [0, 0, 0];
    sys_exit_linkat "sys_exit_linkat" Link |call|
        (Given::at(call.argument(2), call.argument(3)), Given::at(call.argument(0), call.argument(1)))
        [call.argument(4), 0, 0];
    sys_exit_chmod "sys_exit_chmod" Chmod |call|
        (Given::here(call.argument(0))) [0, call.argument(1), 0];
    sys_exit_fchmodat "sys_exit_fchmodat" Chmod |call|
        (Given::at(call.argument(0), call.argument(1))) [0, call.argument(2), 0];
    sys_exit_chown "sys_exit_chown" Chown |call|
        (Given::here(call.argument(0))) [0, id(call.argument(1)), id(call.argument(2))];
    sys_exit_fchownat "sys_exit_fchownat" Chown |call|
        (Given::at(call.argument(0), call.argument(1))) [0, id(call.argument(2)), id(call.argument(3))];
    sys_exit_mknod "sys_exit_mknod" Mknod |call|
        (Given::here(call.argument(0))) [0, call.argument(1), call.argument(2)];
    sys_exit_mknodat "sys_exit_mknodat" Mknod |call|
        (Given::at(call.argument(0), call.argument(1))) [0, call.argument(2), call.argument(3)];
}

#[tracepoint(category = "syscalls", name = "sys_exit_unlinkat")]
pub(crate) fn sys_exit_unlinkat(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    if tells(call) {
        let flags = call.argument(2);
        let given = Given::at(call.argument(0), call.argument(1));
        let operation = if flags & AT_REMOVEDIR == 0 { Operation::Unlink } else { Operation::Rmdir };
        one_path(call, operation, given, values(flags, 0, 0));
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_symlink")]
pub(crate) fn sys_exit_symlink(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    symlink(call, Given::here(call.argument(1)), call.argument(0));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_symlinkat")]
pub(crate) fn sys_exit_symlinkat(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    symlink(call, Given::at(call.argument(1), call.argument(2)), call.argument(0));
    0
}

#[inline(always)]
fn symlink(call: Return, name: Given, says: u64) {
    if !tells(call) || resolved(call, Operation::Symlink) {
        return;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(Operation::Symlink.kind()) };
    draft.given(0, name).piece(2, |names| names.add_string(says)).send(
        Operation::Symlink,
        0,
        call.errno(),
        values(0, 0, 0),
    );
}

#[tracepoint(category = "syscalls", name = "sys_exit_fchmod")]
pub(crate) fn sys_exit_fchmod(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let mode = call.argument(1);
    open_file(call, Operation::Chmod, [mode, 0], watch::is_mode_wanted(mode as u32));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_fchown")]
pub(crate) fn sys_exit_fchown(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    open_file(call, Operation::Chown, [id(call.argument(1)), id(call.argument(2))], false);
    0
}

/// A call on a descriptor: the path is the kernel's own. It may be wanted whatever that is.
#[inline(always)]
fn open_file(call: Return, operation: Operation, [first, second]: [u64; 2], anywhere: bool) {
    if !tells(call) || resolved(call, operation) {
        return;
    }
    let file = socket::file_of(task::current().follow(offset!(task_files)), call.argument(0) as u32);
    let path = file.at(offset!(file_path));
    if !anywhere && !watch::is_wanted(path, WATCH_MODIFY) {
        return;
    }
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(operation.kind()) };
    draft.resolved(0, path).send(operation, 0, call.errno(), values(0, first, second));
}
