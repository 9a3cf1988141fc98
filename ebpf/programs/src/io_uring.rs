//! io_uring: what is asked of the kernel without a system call of its own.

use aya_ebpf::{
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use rampart_abi::{ABSENT, Kind, ORIGIN_IO_URING, ORIGIN_UNFINISHED, Operation};

use crate::{
    call::{self, AT_FDCWD, Draft, Room, values},
    emit,
    kernel::{Object, Pointer, offset},
    pending,
    syscall::Return,
};

const ORIGIN: u16 = ORIGIN_IO_URING | ORIGIN_UNFINISHED;

/// How submissions are told apart (enum io_uring_op in include/uapi/linux/io_uring.h).
const ACCEPT: u8 = 13;
const CONNECT: u8 = 16;
const OPENAT: u8 = 18;
const OPENAT2: u8 = 28;
const RENAMEAT: u8 = 35;
const UNLINKAT: u8 = 36;
const SYMLINKAT: u8 = 38;
const LINKAT: u8 = 39;
const SOCKET: u8 = 45;
const BIND: u8 = 56;
const LISTEN: u8 = 57;

const AT_REMOVEDIR: u32 = 0x200;

#[tracepoint(category = "syscalls", name = "sys_exit_io_uring_setup")]
pub(crate) fn sys_exit_io_uring_setup(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    call::send(Operation::IoUringSetup, call.errno(), values(call.argument(0), 0, 0));
    0
}

/// A request that the kernel has taken in: its name since Linux 6.4; before, since 6.0, io_uring_submit_sqe.
#[btf_tracepoint(function = "io_uring_submit_req")]
pub(crate) fn io_uring_submit(ctx: BtfTracePointContext) -> i32 {
    let request = Object::new(ctx.arg::<*const u8>(0));
    submitted(request.pointer());
    0
}

/// Before Linux 6.0 the tracepoint tells the operation only: as its second argument, or, with the request's address before
/// it, as its third (since 5.15; Debian's 5.10 has the io_uring of 5.15).
#[btf_tracepoint(function = "io_uring_submit_sqe")]
pub(crate) fn io_uring_submit_opcode(ctx: BtfTracePointContext) -> i32 {
    let second: u64 = ctx.arg(1);
    let opcode = if second > u64::from(u8::MAX) { ctx.arg::<u64>(2) as u8 } else { second as u8 };
    if matches!(
        opcode,
        ACCEPT | CONNECT | OPENAT | OPENAT2 | RENAMEAT | UNLINKAT | SYMLINKAT | LINKAT | SOCKET
    ) {
        bare(opcode);
    }
    0
}

#[inline(always)]
fn submitted(request: Pointer) {
    let opcode: u8 = request.at(offset!(request_opcode)).read();
    let command = request.at(offset!(request_command));
    let Some(operation) = operation_of(opcode) else {
        if matches!(opcode, ACCEPT | CONNECT | SOCKET | BIND | LISTEN) {
            bare(opcode);
        }
        return;
    };
    if pending::in_use(operation) {
        // The security hook tells it, and with the kernel's own path.
        return;
    }
    let asked = match opcode {
        OPENAT | OPENAT2 => open(command),
        RENAMEAT => rename(command),
        UNLINKAT => unlink(command),
        LINKAT => link(command),
        _ => symlink(command),
    };
    match asked {
        Some(asked) => send(asked),
        None => bare(opcode),
    }
}

/// The operation on files that a submission is.
#[inline(always)]
const fn operation_of(opcode: u8) -> Option<Operation> {
    match opcode {
        OPENAT | OPENAT2 => Some(Operation::Open),
        RENAMEAT => Some(Operation::Rename),
        UNLINKAT => Some(Operation::Unlink),
        LINKAT => Some(Operation::Link),
        SYMLINKAT => Some(Operation::Symlink),
        _ => None,
    }
}

/// A path as the kernel has copied it, and the descriptor that it is relative to.
#[derive(Clone, Copy)]
struct Given {
    directory: i32,
    text: Pointer,
}

impl Given {
    const NONE: Self = Self { directory: AT_FDCWD, text: Pointer::NULL };

    #[inline(always)]
    fn of(command: Pointer, directory: u32, name: u32) -> Self {
        let directory: u32 = command.at(directory).read();
        Self { directory: directory as i32, text: command.follow(name).follow(offset!(filename_name)) }
    }
}

/// An operation on files that was asked for.
#[derive(Clone, Copy)]
struct Asked {
    operation: Operation,
    first: Given,
    /// Of operations on two paths.
    second: Given,
    /// What a symbolic link is to say.
    says: Pointer,
    numbers: [u64; 2],
}

impl Asked {
    const fn one(operation: Operation, first: Given, numbers: [u64; 2]) -> Self {
        Self { operation, first, second: Given::NONE, says: Pointer::NULL, numbers }
    }
}

/// One way out for all of them: a walk for each would be more than the verifier has patience for.
#[inline(always)]
fn send(asked: Asked) {
    let Some(draft) = Draft::begin(Room::IoUring) else { return emit::lost(Kind::File) };
    let Asked { operation, first, second, says, numbers: [flags, mode] } = asked;
    let draft = draft.given_in_kernel(0, first.directory, first.text);
    let draft = if second.text.is_null() {
        draft.piece(2, |names| names.add_kernel_string(says))
    } else {
        draft.given_in_kernel(2, second.directory, second.text)
    };
    draft.send_as(Kind::File, operation, ORIGIN, 0, values(flags, mode, 0));
}

/// Only that it was.
#[inline(always)]
fn bare(opcode: u8) {
    let Some(draft) = Draft::begin(Room::IoUring) else { return emit::lost(Operation::IoUringSubmit.kind()) };
    draft.send(Operation::IoUringSubmit, ORIGIN, 0, values(u64::from(opcode), 0, 0));
}

#[inline(always)]
fn open(command: Pointer) -> Option<Asked> {
    if offset!(uring_open_name) == ABSENT {
        return None;
    }
    let given = Given::of(command, offset!(uring_open_directory), offset!(uring_open_name));
    let flags: u64 = command.at(offset!(uring_open_flags)).read();
    let mode: u64 = command.at(offset!(uring_open_mode)).read();
    Some(Asked::one(Operation::Open, given, [flags, mode]))
}

#[inline(always)]
fn rename(command: Pointer) -> Option<Asked> {
    if offset!(uring_rename_new_name) == ABSENT {
        return None;
    }
    let old = Given::of(command, offset!(uring_rename_old_directory), offset!(uring_rename_old_name));
    let new = Given::of(command, offset!(uring_rename_new_directory), offset!(uring_rename_new_name));
    Some(Asked { second: new, ..Asked::one(Operation::Rename, old, [0; 2]) })
}

#[inline(always)]
fn link(command: Pointer) -> Option<Asked> {
    if offset!(uring_link_new_name) == ABSENT {
        return None;
    }
    let old = Given::of(command, offset!(uring_link_old_directory), offset!(uring_link_old_name));
    let new = Given::of(command, offset!(uring_link_new_directory), offset!(uring_link_new_name));
    Some(Asked { second: old, ..Asked::one(Operation::Link, new, [0; 2]) })
}

/// A symbolic link is asked for in the same structure: what it says is the old path.
#[inline(always)]
fn symlink(command: Pointer) -> Option<Asked> {
    let link = link(command)?;
    Some(Asked { operation: Operation::Symlink, second: Given::NONE, says: link.second.text, ..link })
}

#[inline(always)]
fn unlink(command: Pointer) -> Option<Asked> {
    if offset!(uring_unlink_name) == ABSENT {
        return None;
    }
    let flags: u32 = command.at(offset!(uring_unlink_flags)).read();
    let given = Given::of(command, offset!(uring_unlink_directory), offset!(uring_unlink_name));
    let operation = if flags & AT_REMOVEDIR == 0 { Operation::Unlink } else { Operation::Rmdir };
    Some(Asked::one(operation, given, [u64::from(flags), 0]))
}
