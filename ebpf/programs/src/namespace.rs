//! Namespaces entered and made.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use rampart_abi::{ABSENT, Operation};

use crate::{
    call::{self, values},
    kernel::{Object, offset},
    socket,
    syscall::Return,
    task,
};

// include/uapi/linux/sched.h
const CLONE_NEWNS: u64 = 0x0002_0000;
const CLONE_NEWCGROUP: u64 = 0x0200_0000;
const CLONE_NEWUTS: u64 = 0x0400_0000;
const CLONE_NEWIPC: u64 = 0x0800_0000;
const CLONE_NEWUSER: u64 = 0x1000_0000;
const CLONE_NEWPID: u64 = 0x2000_0000;
const CLONE_NEWNET: u64 = 0x4000_0000;
const NAMESPACES: u64 = CLONE_NEWNS
    | CLONE_NEWCGROUP
    | CLONE_NEWUTS
    | CLONE_NEWIPC
    | CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNET
    // CLONE_NEWTIME
    | 0x80;

#[tracepoint(category = "syscalls", name = "sys_exit_setns")]
pub(crate) fn sys_exit_setns(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let asked = call.argument(1) & 0xffff_ffff;
    let kind = if asked == 0 { type_of(call.argument(0) as u32) } else { asked };
    call::send(Operation::Setns, call.errno(), values(kind, 0, 0));
    0
}

/// The type of the namespace that a descriptor of /proc/PID/ns is open for.
#[inline(always)]
fn type_of(descriptor: u32) -> u64 {
    let file = socket::file_of(task::current().follow(offset!(task_files)), descriptor);
    let common = file.follow(offset!(file_inode)).follow(offset!(inode_private));
    let kind: u32 = if offset!(ns_common_type) == ABSENT {
        common.follow(offset!(ns_common_ops)).at(offset!(ns_operations_type)).read()
    } else {
        common.at(offset!(ns_common_type)).read()
    };
    u64::from(kind) & NAMESPACES
}

#[tracepoint(category = "syscalls", name = "sys_exit_unshare")]
pub(crate) fn sys_exit_unshare(ctx: TracePointContext) -> u32 {
    let call = Return::of(&ctx);
    let kinds = call.argument(0) & NAMESPACES;
    if kinds != 0 {
        call::send(Operation::Unshare, call.errno(), values(kinds, 0, 0));
    }
    0
}

/// A process that was just made, in other namespaces than its maker's: clone(2) with flags.
#[inline(always)]
pub(crate) fn forked(parent: Object, child: Object) {
    let kinds = differing(parent, child);
    if kinds != 0 {
        call::send(Operation::Clone, 0, values(kinds, 0, 0));
    }
}

/// `CLONE_NEW*` of the namespaces that two tasks do not share.
#[inline(always)]
fn differing(parent: Object, child: Object) -> u64 {
    let user = unequal(user_ns(parent), user_ns(child)) * CLONE_NEWUSER;
    let (proxy, new_proxy) = (parent.follow(offset!(task_nsproxy)), child.follow(offset!(task_nsproxy)));
    if proxy == new_proxy {
        return user;
    }
    let mut kinds = user;
    for (place, kind) in [
        (offset!(nsproxy_mnt_ns), CLONE_NEWNS),
        (offset!(nsproxy_net_ns), CLONE_NEWNET),
        (offset!(nsproxy_uts_ns), CLONE_NEWUTS),
        (offset!(nsproxy_ipc_ns), CLONE_NEWIPC),
        (offset!(nsproxy_cgroup_ns), CLONE_NEWCGROUP),
    ] {
        // By the helper, whose results are plain numbers: the verifier lets no arithmetic be done with objects.
        kinds |= unequal(proxy.pointer().at(place).read(), new_proxy.pointer().at(place).read()) * kind;
    }
    let (pid, new_pid) = (task::pid_ns_of(parent), task::pid_ns_of(child));
    kinds | (unequal(u64::from(pid), u64::from(new_pid)) * CLONE_NEWPID)
}

/// 1 or 0, without a branch: with one for each kind of namespace the verifier would follow every combination of them.
#[inline(always)]
fn unequal(first: u64, second: u64) -> u64 {
    // Hidden from the compiler, which would make a branch of the comparison that it sees in this.
    let difference = first ^ second;
    (difference | core::hint::black_box(difference.wrapping_neg())) >> 63
}

#[inline(always)]
fn user_ns(task: Object) -> u64 {
    task.follow(offset!(task_cred)).pointer().at(offset!(cred_user_ns)).read()
}
