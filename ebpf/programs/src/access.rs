//! One process reaching into another.

use aya_ebpf::{
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use rampart_abi::Operation;

use crate::{
    call::{self, values},
    kernel::{Object, offset},
    pending::{self, Taken},
    syscall::Return,
    task,
};

// include/uapi/linux/ptrace.h
const PTRACE_TRACEME: u64 = 0;
const PTRACE_POKETEXT: u64 = 4;
const PTRACE_POKEDATA: u64 = 5;
const PTRACE_ATTACH: u64 = 16;
const PTRACE_SEIZE: u64 = 0x4206;

/// `SIGCHLD`, which parents get whichever container their child is in.
const SIGCHLD: i32 = 17;
/// In place of a signal's information: from the kernel itself (`SEND_SIG_PRIV`, include/linux/sched/signal.h).
const FROM_KERNEL: u64 = 1;

#[tracepoint(category = "syscalls", name = "sys_exit_ptrace")]
pub(crate) fn sys_exit_ptrace(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let request = call.argument(0);
    match request {
        PTRACE_ATTACH | PTRACE_SEIZE if call.succeeded() => {
            // The kernel puts the newest tracee at the head of the list (__ptrace_link).
            let entry = task::current().pointer().follow(offset!(task_ptraced));
            let tracee = entry.before(offset!(task_ptrace_entry));
            let (pid, start) = task::identity(tracee);
            call::send(Operation::Ptrace, 0, values(request, pid, start));
        }
        PTRACE_TRACEME => {
            let parent = task::current().follow(offset!(task_real_parent));
            let (pid, start) = task::identity(parent.pointer());
            call::send(Operation::Ptrace, call.errno(), values(request, pid, start));
        }
        PTRACE_ATTACH | PTRACE_SEIZE | PTRACE_POKETEXT | PTRACE_POKEDATA => {
            call::send(Operation::Ptrace, call.errno(), values(request, call.argument(1), 0));
        }
        _ => {}
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_process_vm_readv")]
pub(crate) fn sys_exit_process_vm_readv(ctx: TracePointContext) -> u32 {
    memory(Return::of(&ctx), Operation::ProcessVmRead);
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_process_vm_writev")]
pub(crate) fn sys_exit_process_vm_writev(ctx: TracePointContext) -> u32 {
    memory(Return::of(&ctx), Operation::ProcessVmWrite);
    0
}

#[inline(always)]
fn memory(call: Return, operation: Operation) {
    if let Taken::Begun(draft, values) = pending::take(Operation::Ptrace) {
        draft.send(operation, 0, call.errno(), values);
        return;
    }
    call::send(operation, call.errno(), values(0, call.argument(0), 0));
}

/// A signal to a process of another cgroup or pid namespace; which of them are containers the daemon knows.
#[btf_tracepoint(function = "signal_generate")]
pub(crate) fn signal_generate(ctx: BtfTracePointContext) -> i32 {
    let number: i32 = ctx.arg(0);
    if number == SIGCHLD || ctx.arg::<u64>(1) == FROM_KERNEL {
        return 0;
    }
    let target = Object::new(ctx.arg::<*const u8>(2));
    let sender = task::current();
    if sender.at(offset!(task_tgid)).read::<u32>() == target.at(offset!(task_tgid)).read::<u32>() {
        return 0;
    }
    let crosses =
        task::cgroup(sender) != task::cgroup(target) || task::pid_ns_of(sender) != task::pid_ns_of(target);
    if crosses {
        let (pid, start) = task::identity(target.pointer());
        call::send(Operation::Signal, 0, values(number as u64, pid, start));
    }
    0
}
