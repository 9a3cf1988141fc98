//! Code brought in by other ways than a program file: memory files, kernel modules, BPF programs.

use aya_ebpf::{helpers::bpf_probe_read_user, macros::tracepoint, programs::TracePointContext};
use rampart_abi::Operation;

use crate::{
    call::{self, Draft, Given, Room, one_path, values},
    emit,
    kernel::offset,
    socket,
    syscall::Return,
    task,
};

// enum bpf_cmd in include/uapi/linux/bpf.h
const BPF_MAP_CREATE: u64 = 0;
const BPF_PROG_LOAD: u64 = 5;
const BPF_OBJ_PIN: u64 = 6;
const BPF_OBJ_GET: u64 = 7;
const BPF_PROG_ATTACH: u64 = 8;
const BPF_RAW_TRACEPOINT_OPEN: u64 = 17;
const BPF_LINK_CREATE: u64 = 28;

/// Places of names in union bpf_attr.
const MAP_NAME: u64 = 28;
const PROG_NAME: u64 = 48;

#[tracepoint(category = "syscalls", name = "sys_exit_memfd_create")]
pub(crate) fn sys_exit_memfd_create(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    text(call, Operation::MemfdCreate, call.argument(0), call.argument(1), 0);
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_init_module")]
pub(crate) fn sys_exit_init_module(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    call::send(Operation::InitModule, call.errno(), values(call.argument(1), 0, 0));
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_finit_module")]
pub(crate) fn sys_exit_finit_module(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let Some(draft) = Draft::begin(Room::Syscall) else {
        emit::lost(Operation::FinitModule.kind());
        return 0;
    };
    let file = socket::file_of(task::current().follow(offset!(task_files)), call.argument(0) as u32);
    let numbers = values(call.argument(2), 0, 0);
    draft.resolved(0, file.at(offset!(file_path))).send(Operation::FinitModule, 0, call.errno(), numbers);
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_delete_module")]
pub(crate) fn sys_exit_delete_module(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    text(call, Operation::DeleteModule, call.argument(0), call.argument(1), 0);
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_bpf")]
pub(crate) fn sys_exit_bpf(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let (command, attributes) = (call.argument(0) & 0xffff_ffff, call.argument(1));
    // The first word is the type of a map or program.
    // SAFETY: the helper checks the address.
    let kind = u64::from(unsafe { bpf_probe_read_user(attributes as *const u32) }.unwrap_or(0));
    match command {
        BPF_MAP_CREATE => {
            text(call, Operation::Bpf, attributes.wrapping_add(MAP_NAME), command, kind);
        }
        BPF_PROG_LOAD => {
            text(call, Operation::Bpf, attributes.wrapping_add(PROG_NAME), command, kind);
        }
        BPF_OBJ_PIN | BPF_OBJ_GET | BPF_PROG_ATTACH | BPF_RAW_TRACEPOINT_OPEN | BPF_LINK_CREATE => {
            call::send(Operation::Bpf, call.errno(), values(command, 0, 0));
        }
        _ => {}
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_execve")]
pub(crate) fn sys_exit_execve(ctx: TracePointContext) -> u32 {
    let value = Return::value_of(&ctx);
    if value < 0 {
        let call = Return::of(&ctx);
        one_path(call, Operation::ExecFailed, Given::here(call.argument(0)), values(0, 0, 0));
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_execveat")]
pub(crate) fn sys_exit_execveat(ctx: TracePointContext) -> u32 {
    let value = Return::value_of(&ctx);
    if value < 0 {
        let call = Return::of(&ctx);
        let given = Given::at(call.argument(0), call.argument(1));
        one_path(call, Operation::ExecFailed, given, values(0, 0, 0));
    }
    0
}

/// A call with one text that is no path.
#[inline(always)]
fn text(call: Return, operation: Operation, address: u64, first: u64, second: u64) {
    let Some(draft) = Draft::begin(Room::Syscall) else { return emit::lost(operation.kind()) };
    draft.piece(0, |names| names.add_string(address)).send(
        operation,
        0,
        call.errno(),
        values(first, second, 0),
    );
}
