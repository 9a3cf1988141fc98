//! Identities that change by a system call.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use rampart_abi::Operation;

use crate::{call, kernel::offset, maps::CREDENTIALS_BEFORE, syscall::Return, task};

/// What is compared: uid and euid, gid and egid, effective capabilities.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    user: u64,
    group: u64,
    capabilities: u64,
}

#[inline(always)]
fn identity() -> Identity {
    let task = task::current();
    let cred = task.follow(offset!(task_cred));
    let half = |low: u32, high: u32| -> u64 {
        u64::from(cred.at(low).read::<u32>()) | u64::from(cred.at(high).read::<u32>()) << 32
    };
    Identity {
        user: half(offset!(cred_uid), offset!(cred_euid)),
        group: half(offset!(cred_gid), offset!(cred_egid)),
        capabilities: task::capabilities(task),
    }
}

/// setuid and its like, setgid and its like, capset.
#[tracepoint(category = "syscalls", name = "sys_enter_setuid")]
pub(crate) fn sys_enter_credentials(_ctx: TracePointContext) -> u32 {
    // When the map is full the change is seen by the next record of the process.
    CREDENTIALS_BEFORE.insert(task::current_thread(), identity(), 0).unwrap_or_default();
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_setuid")]
pub(crate) fn sys_exit_credentials(ctx: TracePointContext) -> u32 {
    let thread = task::current_thread();
    // SAFETY: copied at once; this thread's own entry.
    let Some(before) = (unsafe { CREDENTIALS_BEFORE.get(thread).copied() }) else { return 0 };
    CREDENTIALS_BEFORE.remove(thread).unwrap_or_default();
    let after = identity();
    if Return::value_of(&ctx) == 0 && before != after {
        let values =
            [before.user, before.group, before.capabilities, after.user, after.group, after.capabilities];
        call::send(Operation::Credentials, 0, values);
    }
    0
}
