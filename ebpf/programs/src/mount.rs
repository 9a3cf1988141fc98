//! mount(2).

use aya_ebpf::{
    helpers::generated::bpf_probe_read_user_str, macros::tracepoint, programs::TracePointContext,
};
use rampart_abi::{FLAG_PATH_TRUNCATED, Kind, Mount, NAMES_MASK, PATH_MAX};

use crate::{
    connect::argument,
    emit,
    kernel::offset,
    maps::{MOUNT_CALLS, MOUNT_ROOM},
    names::{NAMES_ROOM, Names, Progress},
    task,
};

/// Longest file-system type that is kept, with its NUL.
const TYPE_MAX: u32 = 64;

/// Most bytes of the three strings.
const STRINGS: usize = (2 * PATH_MAX + TYPE_MAX) as usize;

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
    strings: [u8; STRINGS],
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
    MOUNT_CALLS.insert(task::current_thread(), call, 0).unwrap_or_default();
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
    // SAFETY: each string has its full length behind the place where it begins, and the names behind them.
    unsafe {
        let room = (&raw mut (*record).strings).cast::<u8>();
        let source = read_string(room, PATH_MAX, call.source);
        let target = read_string(room.add(source as usize), PATH_MAX, call.target);
        let both = source + target;
        let kind = read_string(room.add(both as usize), TYPE_MAX, call.kind);
        let strings = both + kind;

        let names = Names::new(room.add(strings as usize), &raw mut (*record).progress);
        let filesystem = task::current().follow(offset!(task_fs));
        names.add_path(filesystem.at(offset!(fs_pwd)), filesystem.at(offset!(fs_root)));

        let fixed = &raw mut (*record).mount;
        (*fixed).task = task::of_current();
        (*fixed).mount_flags = call.flags;
        (*fixed).errno = (-value) as u32;
        (*fixed).source_length = source as u16;
        (*fixed).target_length = target as u16;
        (*fixed).type_length = kind as u16;
        (*fixed).cwd_length = names.length() as u16;
        (*fixed).padding = 0;
        let flags = if names.truncated() { FLAG_PATH_TRUNCATED } else { 0 };
        let variable = strings + (names.length() & NAMES_MASK);
        emit::variable(fixed.cast(), Kind::Mount, size_of::<Mount>() as u32 + variable, flags);
    }
}

/// Bytes read, the NUL included; 0 when there is no string.
#[inline(always)]
unsafe fn read_string(place: *mut u8, room: u32, address: u64) -> u32 {
    if address == 0 {
        return 0;
    }
    // SAFETY: by the caller's promise `place` has `room` bytes; the helper checks the address.
    let read = unsafe { bpf_probe_read_user_str(place.cast(), room, address as *const _) };
    if read > 0 && read <= i64::from(room) { read as u32 } else { 0 }
}
