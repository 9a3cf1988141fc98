//! mount(2).

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use rampart_abi::{FLAG_PATH_TRUNCATED, Kind, Mount, NAMES_MASK};

use crate::{
    emit,
    kernel::offset,
    maps::{MOUNT_CALLS, MOUNT_ROOM},
    names::{NAMES_ROOM, Names, Progress},
    syscall::argument,
    task,
};

/// A call that has not returned: addresses in the caller's memory, and flags.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Call {
    source: u64,
    target: u64,
    kind: u64,
    flags: u64,
}

/// A mount record with room for the longest variable part.
#[repr(C)]
pub(crate) struct Record {
    progress: Progress,
    mount: Mount,
    names: [u8; NAMES_ROOM],
}

#[tracepoint(category = "syscalls", name = "sys_enter_mount")]
pub(crate) fn sys_enter_mount(ctx: TracePointContext) -> u32 {
    let call = Call {
        source: argument(&ctx, 0),
        target: argument(&ctx, 1),
        kind: argument(&ctx, 2),
        flags: argument(&ctx, 3),
    };
    if MOUNT_CALLS.insert(task::current_thread(), call, 0).is_err() {
        emit::lost(Kind::Mount);
    }
    0
}

#[tracepoint(category = "syscalls", name = "sys_exit_mount")]
pub(crate) fn sys_exit_mount(ctx: TracePointContext) -> u32 {
    let thread = task::current_thread();
    // SAFETY: copied at once; this thread's own entry.
    let Some(call) = (unsafe { MOUNT_CALLS.get(thread).copied() }) else { return 0 };
    MOUNT_CALLS.remove(thread).unwrap_or_default();
    if let Some(record) = MOUNT_ROOM.get_ptr_mut(0) {
        // SAFETY: this CPU's own entry; the kernel does not run one program twice at once on one CPU.
        unsafe { report(call, argument(&ctx, 0) as i64, record) };
    }
    0
}

#[inline(always)]
unsafe fn report(call: Call, value: i64, record: *mut Record) {
    // SAFETY: `names` has NAMES_ROOM bytes, and the record lies in a map.
    let names = unsafe { Names::new((&raw mut (*record).names).cast(), &raw mut (*record).progress) };
    names.add_string(call.source);
    let source_end = names.length();
    names.add_string(call.target);
    let target_end = names.length();
    names.add_string(call.kind);
    let type_end = names.length();
    let filesystem = task::current().follow(offset!(task_fs));
    names.add_path(filesystem.at(offset!(fs_pwd)), filesystem.at(offset!(fs_root)));
    let end = names.length();

    // SAFETY: plain writes into the room; `emit` fills in the header.
    unsafe {
        let fixed = &raw mut (*record).mount;
        (*fixed).task = task::of_current();
        (*fixed).mount_flags = call.flags;
        (*fixed).errno = (-value) as u32;
        (*fixed).source_length = source_end as u16;
        (*fixed).target_length = target_end.wrapping_sub(source_end) as u16;
        (*fixed).type_length = type_end.wrapping_sub(target_end) as u16;
        (*fixed).cwd_length = end.wrapping_sub(type_end) as u16;
        (*fixed).padding = 0;
        let flags = if names.truncated() { FLAG_PATH_TRUNCATED } else { 0 };
        let variable = u64::from(end & NAMES_MASK);
        emit::variable(fixed.cast(), Kind::Mount, size_of::<Mount>() as u64 + variable, flags);
    }
}
