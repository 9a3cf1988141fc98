//! exec, fork, exit.

use aya_ebpf::{
    helpers::generated::{bpf_get_smp_processor_id, bpf_probe_read_user},
    macros::btf_tracepoint,
    programs::BtfTracePointContext,
};
use rampart_abi::{
    ABSENT, ARGS_MASK, EXEC_DELETED, EXEC_MEMFD, EXEC_UPPER_LAYER, Exec, Exit, FLAG_ARGS_TRUNCATED,
    FLAG_PATH_TRUNCATED, Fork, Header, Kind, NAMES_MASK,
};

use crate::{
    emit,
    kernel::{Object, Pointer, offset},
    maps::EXEC_ROOM,
    names::{NAMES_ROOM, Names, Progress},
    namespace, socket, task,
};

/// SIGNAL_GROUP_EXIT (include/linux/sched/signal.h): the group ends with one status.
const GROUP_EXIT: u32 = 4;

/// include/uapi/linux/magic.h
const OVERLAYFS_MAGIC: u64 = 0x794c_7630;

/// An exec record with room for the longest variable part.
#[repr(C)]
pub(crate) struct Record {
    progress: Progress,
    exec: Exec,
    names: [u8; NAMES_ROOM],
    args: [u8; ARGS_MASK as usize + 1],
}

/// Most bytes of a record that is sent.
const LONGEST: u64 = size_of::<Exec>() as u64 + NAMES_MASK as u64 + ARGS_MASK as u64;

#[btf_tracepoint(function = "sched_process_exec")]
pub(crate) fn sched_process_exec(ctx: BtfTracePointContext) -> i32 {
    let task = Object::new(ctx.arg::<*const u8>(0));
    let binary = Object::new(ctx.arg::<*const u8>(2));
    // SAFETY: the helper has no conditions.
    let cpu = unsafe { bpf_get_smp_processor_id() };
    let Some(record) = EXEC_ROOM.get_ptr_mut(cpu) else {
        emit::lost(Kind::Exec);
        return 0;
    };
    // SAFETY: this CPU's own entry; the kernel does not run one program twice at once on one CPU.
    unsafe { exec(task, binary, record) };
    0
}

#[inline(always)]
unsafe fn exec(task: Object, binary: Object, record: *mut Record) {
    // SAFETY: `names` has NAMES_ROOM bytes, and the record lies in a map.
    let names = unsafe { Names::new((&raw mut (*record).names).cast(), &raw mut (*record).progress) };
    let filesystem = task.follow(offset!(task_fs));
    let root = filesystem.at(offset!(fs_root)).pointer();
    let file = binary.follow(offset!(bprm_file));

    names.add_path(file.at(offset!(file_path)).pointer(), root);
    let path_end = names.length();
    names.add_path(filesystem.at(offset!(fs_pwd)).pointer(), root);
    let cwd_end = names.length();
    names.add_cgroup(task::cgroup(task));
    let cgroup_end = names.length();
    // A script's interpreter runs in its place: then the kernel keeps both names.
    let script: u64 = binary.pointer().at(offset!(bprm_filename)).read();
    if script != binary.pointer().at(offset!(bprm_interp)).read() {
        names.add_kernel_string(Pointer::from_address(script));
    }
    let script_end = names.length();
    let flags = if names.truncated() { FLAG_PATH_TRUNCATED } else { 0 };

    let mm = task.follow(offset!(task_mm));
    let args_start: u64 = mm.at(offset!(mm_arg_start)).read();
    let args_end: u64 = mm.at(offset!(mm_arg_end)).read();
    let total = args_end.wrapping_sub(args_start);
    let (wanted, flags) = if total > u64::from(ARGS_MASK) {
        (ARGS_MASK, flags | FLAG_ARGS_TRUNCATED)
    } else {
        (total as u32, flags)
    };
    // SAFETY: the place is below NAMES_ROOM and the length below the size of `args`, which follows it.
    let args_length = unsafe {
        let place = (&raw mut (*record).names).cast::<u8>().add((script_end & NAMES_MASK) as usize);
        let length = wanted & ARGS_MASK;
        if bpf_probe_read_user(place.cast(), length, args_start as *const _) == 0 { length } else { 0 }
    };

    let files = task.follow(offset!(task_files));
    // SAFETY: a plain write into the room; `emit` fills in the header.
    unsafe {
        let fixed = &raw mut (*record).exec;
        (*fixed).task = task::of(task);
        (*fixed).lineage = task::lineage(task);
        (*fixed).namespaces = task::namespaces(task);
        (*fixed).capabilities = task::capabilities(task);
        let stdio = [socket::node_of(files, 0), socket::node_of(files, 1), socket::node_of(files, 2)];
        (*fixed).stdio_modes = stdio.map(|node| node.mode);
        (*fixed).stdio_majors = stdio.map(|node| node.major);
        (*fixed).path_length = path_end as u16;
        (*fixed).cwd_length = cwd_end.wrapping_sub(path_end) as u16;
        (*fixed).cgroup_length = cgroup_end.wrapping_sub(cwd_end) as u16;
        (*fixed).script_length = script_end.wrapping_sub(cgroup_end) as u16;
        (*fixed).traits = traits_of(file);
        (*fixed).args_length = args_length;
        (*fixed).args_total = if total > u64::from(u32::MAX) { u32::MAX } else { total as u32 };
        let variable = u64::from(script_end & NAMES_MASK) + u64::from(args_length & ARGS_MASK);
        let length = size_of::<Exec>() as u64 + variable;
        emit::variable(fixed.cast::<Header>(), Kind::Exec, length, LONGEST, flags);
    }
}

/// `EXEC_*` of a program file.
#[inline(always)]
fn traits_of(file: Object) -> u32 {
    let inode = file.follow(offset!(file_inode)).pointer();
    let mut traits = 0;
    if offset!(inode_links) != ABSENT && inode.at(offset!(inode_links)).read::<u32>() == 0 {
        traits |= EXEC_DELETED;
        // A file that no folder holds, under the name that memfd_create(2) gives it (mm/memfd.c).
        let dentry = file.at(offset!(file_path)).follow(offset!(path_dentry)).pointer();
        let prefix: u64 = dentry.follow(offset!(dentry_name)).read();
        if dentry == dentry.follow(offset!(dentry_parent)) && prefix.to_ne_bytes().starts_with(b"memfd:") {
            traits |= EXEC_MEMFD;
        }
    }
    let magic: u64 = inode.follow(offset!(inode_superblock)).at(offset!(superblock_magic)).read();
    if magic == OVERLAYFS_MAGIC && !inode.follow(offset!(inode_size)).is_null() {
        traits |= EXEC_UPPER_LAYER;
    }
    traits
}

#[btf_tracepoint(function = "sched_process_fork")]
pub(crate) fn sched_process_fork(ctx: BtfTracePointContext) -> i32 {
    let child = Object::new(ctx.arg::<*const u8>(1));
    let pid: u32 = child.at(offset!(task_tgid)).read();
    let tid: u32 = child.at(offset!(task_pid)).read();
    if pid != tid {
        return 0;
    }
    emit::fixed(Kind::Fork, |fork: *mut Fork| {
        // SAFETY: the ring buffer's reservation.
        unsafe {
            (*fork).task = task::of(child);
            (*fork).lineage = task::lineage(child);
        }
    });
    0
}

/// The same tracepoint for processes that begin in new namespaces: attached only where that is asked for.
#[btf_tracepoint(function = "sched_process_fork")]
pub(crate) fn fork_namespaces(ctx: BtfTracePointContext) -> i32 {
    let parent = Object::new(ctx.arg::<*const u8>(0));
    let child = Object::new(ctx.arg::<*const u8>(1));
    namespace::forked(parent, child);
    0
}

#[btf_tracepoint(function = "sched_process_exit")]
pub(crate) fn sched_process_exit(ctx: BtfTracePointContext) -> i32 {
    let task = Object::new(ctx.arg::<*const u8>(0));
    let signal = task.follow(offset!(task_signal));
    let live: u32 = signal.at(offset!(signal_live)).read();
    if live != 0 {
        return 0;
    }
    let group: u32 = signal.at(offset!(signal_flags)).read();
    let status = if group & GROUP_EXIT != 0 {
        signal.at(offset!(signal_group_exit_code)).read()
    } else {
        task.at(offset!(task_exit_code)).read()
    };
    emit::fixed(Kind::Exit, |exit: *mut Exit| {
        // SAFETY: the ring buffer's reservation.
        unsafe {
            (*exit).task = task::of(task);
            (*exit).status = status;
            (*exit).padding = 0;
        }
    });
    0
}
