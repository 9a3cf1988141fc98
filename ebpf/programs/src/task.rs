//! Who did it.

use aya_ebpf::helpers::generated::{
    bpf_get_current_pid_tgid, bpf_get_current_task, bpf_get_current_task_btf,
};
use rampart_abi::{ABSENT, Lineage, Namespaces, Task};

use crate::kernel::{Object, Pointer, has_direct_reads, offset};

/// The running task.
#[inline(always)]
pub(crate) fn current() -> Object {
    // SAFETY: the helpers have no conditions.
    unsafe {
        if has_direct_reads() {
            Object::new(bpf_get_current_task_btf().cast_const())
        } else {
            Object::new(bpf_get_current_task() as *const u8)
        }
    }
}

/// The running thread, as a key: process in the upper half, thread in the lower.
#[inline(always)]
pub(crate) fn current_thread() -> u64 {
    // SAFETY: the helper has no conditions.
    unsafe { bpf_get_current_pid_tgid() }
}

/// Who is running. What a system call's record does not need is left out.
#[inline(always)]
pub(crate) fn of_current() -> Task {
    Task { pid_ns: 0, ..without_pid_ns(current()) }
}

/// Who a task is, be it running or not.
#[inline(always)]
pub(crate) fn of(task: Object) -> Task {
    Task { pid_ns: pid_ns_of(task), ..without_pid_ns(task) }
}

#[inline(always)]
fn without_pid_ns(task: Object) -> Task {
    let cred = task.follow(offset!(task_cred));
    let comm: [u64; 2] =
        [task.at(offset!(task_comm)).read(), task.at(offset!(task_comm).wrapping_add(8)).read()];
    Task {
        pid: task.at(offset!(task_tgid)).read(),
        tid: task.at(offset!(task_pid)).read(),
        uid: cred.at(offset!(cred_uid)).read(),
        gid: cred.at(offset!(cred_gid)).read(),
        start_ns: start_of(task),
        cgroup_id: unified_cgroup(task).follow(offset!(cgroup_kn)).at(offset!(kernfs_id)).read(),
        mnt_ns: mnt_ns_of(task),
        pid_ns: 0,
        // SAFETY: any bytes make a name.
        comm: unsafe { core::mem::transmute::<[u64; 2], [u8; 16]>(comm) },
    }
}

/// Inode number of the pid namespace that a task lives in.
#[inline(always)]
pub(crate) fn pid_ns_of(task: Object) -> u32 {
    let pid = task.follow(offset!(task_thread_pid));
    if pid.at(offset!(pid_level)).read::<u32>() == 0 {
        // The verifier knows the place of the first entry, which is that of most processes.
        let space = pid.at(offset!(pid_numbers).wrapping_add(offset!(upid_ns))).read::<u64>();
        return Pointer::from_address(space).at(offset!(pid_ns_inum)).read();
    }
    upid_of(task).follow(offset!(upid_ns)).at(offset!(pid_ns_inum)).read()
}

/// Process id and beginning of the process of a task.
#[inline(always)]
pub(crate) fn identity(task: Pointer) -> (u64, u64) {
    let pid: u32 = task.at(offset!(task_tgid)).read();
    let leader = task.follow(offset!(task_group_leader));
    (u64::from(pid), leader.at(offset!(task_start_boottime)).read())
}

/// Where a task comes from and as whom it acts.
#[inline(always)]
pub(crate) fn lineage(task: Object) -> Lineage {
    let parent = task.follow(offset!(task_real_parent));
    Lineage {
        parent_pid: parent.at(offset!(task_tgid)).read(),
        euid: task.follow(offset!(task_cred)).at(offset!(cred_euid)).read(),
        parent_start_ns: start_of(parent),
        login_uid: optional(task, offset!(task_loginuid)),
        session_id: optional(task, offset!(task_sessionid)),
        inner_pid: upid_of(task).at(offset!(upid_nr)).read(),
        padding: 0,
    }
}

/// The effective capabilities of a task. Until Linux 6.3 they are two halves, which are read as one: the lower comes
/// first (kernel_cap_t in include/linux/capability.h).
#[inline(always)]
pub(crate) fn capabilities(task: Object) -> u64 {
    task.follow(offset!(task_cred)).pointer().at(offset!(cred_capabilities)).read()
}

/// The namespaces of a task that [`Task`] does not have.
#[inline(always)]
pub(crate) fn namespaces(task: Object) -> Namespaces {
    let proxy = task.follow(offset!(task_nsproxy));
    let user_ns = task.follow(offset!(task_cred)).follow(offset!(cred_user_ns));
    Namespaces {
        net: proxy.follow(offset!(nsproxy_net_ns)).at(offset!(net_inum)).read(),
        uts: proxy.follow(offset!(nsproxy_uts_ns)).at(offset!(uts_ns_inum)).read(),
        ipc: proxy.follow(offset!(nsproxy_ipc_ns)).at(offset!(ipc_ns_inum)).read(),
        cgroup: proxy.follow(offset!(nsproxy_cgroup_ns)).at(offset!(cgroup_ns_inum)).read(),
        user: user_ns.at(offset!(user_ns_inum)).read(),
        padding: 0,
    }
}

/// The cgroup that names a task's container best: the unified one, or under cgroup v1, where that is the
/// root, the one of the first controller that is not.
#[inline(always)]
pub(crate) fn cgroup(task: Object) -> Object {
    let unified = unified_cgroup(task);
    if !is_root(unified) {
        return unified;
    }
    if offset!(memory_cgroup) != ABSENT {
        let memory = controller(task, offset!(memory_cgroup));
        if !is_root(memory) {
            return memory;
        }
    }
    if offset!(pids_cgroup) != ABSENT {
        let pids = controller(task, offset!(pids_cgroup));
        if !is_root(pids) {
            return pids;
        }
    }
    unified
}

#[inline(always)]
fn unified_cgroup(task: Object) -> Object {
    task.follow(offset!(task_cgroups)).follow(offset!(css_set_dfl_cgrp))
}

#[inline(always)]
fn controller(task: Object, index: u32) -> Object {
    let subsys = task.follow(offset!(task_cgroups)).at(offset!(css_set_subsys));
    subsys.follow(index.wrapping_mul(8)).follow(offset!(css_cgroup))
}

#[inline(always)]
fn is_root(cgroup: Object) -> bool {
    cgroup.follow(offset!(cgroup_kn)).at(offset!(kernfs_parent)).read::<u64>() == 0
}

/// When a task's process began, nanoseconds since boot.
#[inline(always)]
pub(crate) fn start_of(task: Object) -> u64 {
    task.follow(offset!(task_group_leader)).at(offset!(task_start_boottime)).read()
}

#[inline(always)]
fn mnt_ns_of(task: Object) -> u32 {
    let mnt_ns = task.follow(offset!(task_nsproxy)).follow(offset!(nsproxy_mnt_ns));
    mnt_ns.at(offset!(mnt_ns_inum)).read()
}

/// The entry of the innermost pid namespace in a task's struct pid.
#[inline(always)]
fn upid_of(task: Object) -> Pointer {
    let pid = task.follow(offset!(task_thread_pid));
    let level: u32 = pid.at(offset!(pid_level)).read();
    pid.at(offset!(pid_numbers)).pointer().at(level.wrapping_mul(offset!(upid_size)))
}

#[inline(always)]
fn optional(task: Object, offset: u32) -> u32 {
    if offset == ABSENT { u32::MAX } else { task.at(offset).read() }
}
