//! Who did it.

use aya_ebpf::helpers::generated::{
    bpf_get_current_cgroup_id, bpf_get_current_pid_tgid, bpf_get_current_task, bpf_get_current_uid_gid,
};
use rampart_abi::{ABSENT, Lineage, Namespaces, Task};

use crate::kernel::{Pointer, offset};

/// The running task.
#[inline(always)]
pub(crate) fn current() -> Pointer {
    // SAFETY: the helper has no conditions.
    Pointer::new(unsafe { bpf_get_current_task() } as *const u8)
}

/// The running thread, as a key: process in the upper half, thread in the lower.
#[inline(always)]
pub(crate) fn current_thread() -> u64 {
    // SAFETY: the helper has no conditions.
    unsafe { bpf_get_current_pid_tgid() }
}

/// Who is running, by the cheap helpers.
#[inline(always)]
pub(crate) fn of_current() -> Task {
    let task = current();
    let thread = current_thread();
    // SAFETY: the helpers have no conditions.
    let (owner, cgroup_id) = unsafe { (bpf_get_current_uid_gid(), bpf_get_current_cgroup_id()) };
    Task {
        pid: (thread >> 32) as u32,
        tid: thread as u32,
        uid: owner as u32,
        gid: (owner >> 32) as u32,
        start_ns: start_of(task),
        cgroup_id,
        mnt_ns: mnt_ns_of(task),
        pid_ns: 0,
        comm: task.at(offset!(task_comm)).read(),
    }
}

/// Who a task is, be it running or not.
#[inline(always)]
pub(crate) fn of(task: Pointer) -> Task {
    let cred = task.follow(offset!(task_cred));
    Task {
        pid: task.at(offset!(task_tgid)).read(),
        tid: task.at(offset!(task_pid)).read(),
        uid: cred.at(offset!(cred_uid)).read(),
        gid: cred.at(offset!(cred_gid)).read(),
        start_ns: start_of(task),
        cgroup_id: unified_cgroup(task).follow(offset!(cgroup_kn)).at(offset!(kernfs_id)).read(),
        mnt_ns: mnt_ns_of(task),
        pid_ns: upid_of(task).follow(offset!(upid_ns)).at(offset!(pid_ns_inum)).read(),
        comm: task.at(offset!(task_comm)).read(),
    }
}

/// Where a task comes from and as whom it acts.
#[inline(always)]
pub(crate) fn lineage(task: Pointer) -> Lineage {
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

/// The namespaces of a task that [`Task`] does not have.
#[inline(always)]
pub(crate) fn namespaces(task: Pointer) -> Namespaces {
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
pub(crate) fn cgroup(task: Pointer) -> Pointer {
    let unified = unified_cgroup(task);
    if !is_root(unified) {
        return unified;
    }
    let memory = controller(task, offset!(memory_cgroup));
    if !memory.is_null() && !is_root(memory) {
        return memory;
    }
    let pids = controller(task, offset!(pids_cgroup));
    if !pids.is_null() && !is_root(pids) {
        return pids;
    }
    unified
}

#[inline(always)]
fn unified_cgroup(task: Pointer) -> Pointer {
    task.follow(offset!(task_cgroups)).follow(offset!(css_set_dfl_cgrp))
}

#[inline(always)]
fn controller(task: Pointer, index: u32) -> Pointer {
    if index == ABSENT {
        return Pointer::new(core::ptr::null::<u8>());
    }
    let subsys = task.follow(offset!(task_cgroups)).at(offset!(css_set_subsys));
    subsys.follow(index.wrapping_mul(8)).follow(offset!(css_cgroup))
}

#[inline(always)]
fn is_root(cgroup: Pointer) -> bool {
    cgroup.follow(offset!(cgroup_kn)).follow(offset!(kernfs_parent)).is_null()
}

#[inline(always)]
fn start_of(task: Pointer) -> u64 {
    task.follow(offset!(task_group_leader)).at(offset!(task_start_boottime)).read()
}

#[inline(always)]
fn mnt_ns_of(task: Pointer) -> u32 {
    let mnt_ns = task.follow(offset!(task_nsproxy)).follow(offset!(nsproxy_mnt_ns));
    mnt_ns.at(offset!(mnt_ns_inum)).read()
}

/// The entry of the innermost pid namespace in a task's struct pid.
#[inline(always)]
fn upid_of(task: Pointer) -> Pointer {
    let pid = task.follow(offset!(task_thread_pid));
    let level: u32 = pid.at(offset!(pid_level)).read();
    pid.at(offset!(pid_numbers)).at(level.wrapping_mul(offset!(upid_size)))
}

#[inline(always)]
fn optional(task: Pointer, offset: u32) -> u32 {
    if offset == ABSENT { u32::MAX } else { task.at(offset).read() }
}
