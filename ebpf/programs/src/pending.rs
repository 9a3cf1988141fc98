//! Calls that a security hook has seen and that have not returned.
//!
//! The hook has the kernel's own objects, the end of the call its outcome. The record is begun by the one and sent by
//! the other. Where no end will be seen (io_uring, the 32-bit ABI) it is sent at once.

use aya_ebpf::helpers::generated::bpf_get_smp_processor_id;
use rampart_abi::{
    ABSENT, CALL_VALUES, ORIGIN_IO_URING, ORIGIN_RESOLVED, ORIGIN_UNFINISHED, Operation, PENDING_PER_CPU,
};

use crate::{
    call::{Draft, Record},
    kernel::{Object, offset},
    maps::{PENDING, PENDING_NEXT, PENDING_SLOTS, RESOLVED},
    syscall, task,
};

/// A thread of io_uring's (include/linux/sched.h).
const PF_IO_WORKER: u32 = 0x10;
/// A call by the 32-bit ABI (arch/x86/include/asm/thread_info.h).
const TS_COMPAT: u32 = 2;
/// io_uring_enter, the same number on every architecture.
const NR_IO_URING_ENTER: u64 = 426;

/// A record under way.
#[repr(C)]
pub(crate) struct Slot {
    /// The thread whose call it is.
    owner: u64,
    operation: u64,
    values: [u64; CALL_VALUES],
    record: Record,
}

/// Whether a security hook sees an operation. Where none does, a call is told though it has no record under way.
#[inline(always)]
pub(crate) fn in_use(operation: Operation) -> bool {
    RESOLVED.get(0).copied().unwrap_or(0) & operation.bit() != 0
}

/// Why a call's end will not be seen, as bits of a record's origin; 0 when it will.
#[inline(always)]
pub(crate) fn unseen_end() -> u16 {
    let task = task::current();
    let flags: u32 = task.at(offset!(task_flags)).read();
    if flags & PF_IO_WORKER != 0 {
        return ORIGIN_IO_URING | ORIGIN_UNFINISHED;
    }
    if is_compat(task) {
        return ORIGIN_UNFINISHED;
    }
    if syscall::number() == NR_IO_URING_ENTER { ORIGIN_IO_URING | ORIGIN_UNFINISHED } else { 0 }
}

#[inline(always)]
fn is_compat(task: Object) -> bool {
    let place = offset!(task_thread_status);
    place != ABSENT && task.at(place).read::<u32>() & TS_COMPAT != 0
}

/// Begins a record at a security hook.
#[inline(always)]
pub(crate) fn begin(operation: Operation, values: [u64; CALL_VALUES], write: impl FnOnce(Draft) -> Draft) {
    let Some(number) = next_slot() else { return };
    let Some(slot) = PENDING_SLOTS.get_ptr_mut(number) else { return };
    let thread = task::current_thread();
    let origin = unseen_end();
    // SAFETY: the slot is this call's own, unless too many others began meanwhile: then its owner tells.
    unsafe {
        (*slot).owner = thread;
        (*slot).operation = operation as u64;
        (*slot).values = values;
        let draft = write(Draft::within(&raw mut (*slot).record));
        if origin != 0 {
            draft.send(operation, origin | ORIGIN_RESOLVED, 0, values);
        } else {
            PENDING.insert(thread, number, 0).unwrap_or_default();
        }
    }
}

#[inline(always)]
fn next_slot() -> Option<u32> {
    let next = PENDING_NEXT.get_ptr_mut(0)?;
    // SAFETY: this CPU's own entry. Two hooks that interrupt each other may get one slot: its owner tells.
    unsafe {
        *next = (*next).wrapping_add(1);
        let cpu = bpf_get_smp_processor_id();
        Some(cpu.wrapping_mul(PENDING_PER_CPU).wrapping_add(*next & (PENDING_PER_CPU - 1)))
    }
}

/// What a security hook has left for the end of a call.
pub(crate) enum Taken {
    /// It did not see the call, or found that nobody wants to hear of it.
    Nothing,
    /// Its record was overwritten by others.
    Forgotten,
    /// The record and its numbers.
    Begun(Draft, [u64; CALL_VALUES]),
}

/// Takes what a security hook has left for this thread's call.
#[inline(always)]
pub(crate) fn take(operation: Operation) -> Taken {
    let thread = task::current_thread();
    // SAFETY: copied at once; this thread's own entry.
    let Some(number) = (unsafe { PENDING.get(thread).copied() }) else { return Taken::Nothing };
    PENDING.remove(thread).unwrap_or_default();
    let Some(slot) = PENDING_SLOTS.get_ptr_mut(number) else { return Taken::Nothing };
    // SAFETY: as in `begin`.
    unsafe {
        if (*slot).owner != thread {
            return Taken::Forgotten;
        }
        (*slot).owner = 0;
        if (*slot).operation != operation as u64 {
            return Taken::Nothing;
        }
        Taken::Begun(Draft::resume(&raw mut (*slot).record), (*slot).values)
    }
}
