use std::{path::PathBuf, sync::Arc};

use rampart_kernel::{Body, Capture, Exec, Fork, Lineage, RawMount, Task};
use rampart_model::{Action, Arguments, Event, Mount, Namespaces, Process, ProcessKey, Stdio, Timestamp};

use crate::{
    containers::{Place, container},
    paths::absolute,
    proc::{Proc, Snapshot, TICK_NS},
    tree::{Tree, TreeCounters, bounded},
    users::Users,
};

const MS_BIND: u64 = 4096;
const MS_MOVE: u64 = 8192;

/// Where the enricher looks, and what it calls this boot.
#[derive(Debug, Clone)]
pub struct EnrichConfig {
    /// The host's proc file system.
    pub proc_root: PathBuf,
    /// The host's passwd file.
    pub passwd: PathBuf,
    /// The kernel's id of this boot: with pid and start time it makes an entity id.
    pub boot_id: String,
}

/// Makes events of captures.
#[derive(Debug)]
pub struct Enricher {
    boot_id: String,
    proc: Proc,
    users: Users,
    tree: Tree,
}

impl Enricher {
    /// Knows nobody yet.
    #[must_use]
    pub fn new(config: EnrichConfig) -> Self {
        Self {
            boot_id: config.boot_id,
            proc: Proc::new(config.proc_root),
            users: Users::new(config.passwd),
            tree: Tree::default(),
        }
    }

    /// Reads every process from /proc. To be called after the programs are attached, so that none is missed;
    /// what begins meanwhile comes from both sides and is the same.
    pub fn seed(&mut self, now_ns: u64) -> usize {
        let pids = self.proc.pids();
        for pid in &pids {
            self.read_proc(*pid, now_ns, 0);
        }
        pids.len()
    }

    /// What the tree had to give up.
    #[must_use]
    pub const fn counters(&self) -> TreeCounters {
        self.tree.counters
    }

    /// Completes one capture. `boot_to_wall` is added to times since boot to get times since 1970, both in
    /// nanoseconds.
    pub fn enrich(&mut self, capture: Capture, boot_to_wall: i128) -> Event {
        let Capture { time_ns, task, body, .. } = capture;
        let thread_id = task.tid;
        let (process, action) = match body {
            Body::Exec(exec) => (self.exec(&task, *exec, time_ns), Action::Exec),
            Body::Fork(fork) => (self.fork(&task, fork, time_ns), Action::Fork),
            Body::Exit(exit) => {
                let process = self.actor(&task, time_ns);
                self.tree.end(process.key, time_ns);
                (process, Action::Exit(exit))
            }
            Body::Connect(connect) => (self.actor(&task, time_ns), Action::Connect(connect)),
            Body::Mount(raw) => (self.actor(&task, time_ns), Action::Mount(mount(raw))),
        };
        Event { time: Timestamp::from_nanos(i128::from(time_ns) + boot_to_wall), process, thread_id, action }
    }

    fn exec(&mut self, task: &Task, exec: Exec, now_ns: u64) -> Arc<Process> {
        let key = key(task.pid, task.start_ns);
        // Who made the process, rather than who has adopted it since.
        let parent = match self.tree.get(key) {
            Some(before) => before.parent.clone(),
            None => self.parent(&exec.lineage, now_ns),
        };
        let place = Place { cgroup: &exec.cgroup, pid_ns: exec.namespaces.pid };
        let container = container(place, parent.as_deref());
        let process = Process {
            key,
            entity_id: self.entity_id(key),
            name: task.name.clone(),
            executable: exec.executable,
            args: exec.args,
            args_truncated: exec.args_truncated,
            working_directory: exec.working_directory,
            user: self.users.of(task.uid, now_ns),
            effective_user_id: exec.lineage.effective_uid,
            group_id: task.gid,
            login_user_id: exec.lineage.login_uid,
            namespaces: exec.namespaces,
            cgroup: shared(exec.cgroup, parent.as_deref()),
            container,
            stdio: exec.stdio,
            parent,
        };
        self.tree.insert(process)
    }

    fn fork(&mut self, task: &Task, fork: Fork, now_ns: u64) -> Arc<Process> {
        let key = key(task.pid, task.start_ns);
        let parent = self.parent(&fork.lineage, now_ns);
        let image = parent.as_deref().cloned().unwrap_or_else(|| nobody(key));
        let process = Process {
            key,
            entity_id: self.entity_id(key),
            name: task.name.clone(),
            user: self.users.of(task.uid, now_ns),
            effective_user_id: fork.lineage.effective_uid,
            group_id: task.gid,
            login_user_id: fork.lineage.login_uid,
            namespaces: Namespaces { mnt: fork.mnt_ns, pid: fork.pid_ns, ..image.namespaces },
            parent,
            ..image
        };
        self.tree.insert(process)
    }

    /// The process of a task that has done something, with its present owner.
    fn actor(&mut self, task: &Task, now_ns: u64) -> Arc<Process> {
        let key = key(task.pid, task.start_ns);
        let known = match self.tree.get(key) {
            Some(process) => Arc::clone(process),
            None => self.find(task, key, now_ns),
        };
        if known.user.id == task.uid && known.group_id == task.gid {
            return known;
        }
        let user = self.users.of(task.uid, now_ns);
        self.tree.insert(Process { user, group_id: task.gid, ..Process::clone(&known) })
    }

    /// A process that nobody saw begin: in /proc if it lives, else what the record itself says.
    fn find(&mut self, task: &Task, key: ProcessKey, now_ns: u64) -> Arc<Process> {
        if let Some(process) = self.read_proc(task.pid, now_ns, 0).filter(|process| process.key == key) {
            return process;
        }
        self.tree.counters.unknown += 1;
        let process = Process {
            entity_id: self.entity_id(key),
            name: task.name.clone(),
            user: self.users.of(task.uid, now_ns),
            effective_user_id: task.uid,
            group_id: task.gid,
            ..nobody(key)
        };
        self.tree.insert(process)
    }

    fn parent(&mut self, lineage: &Lineage, now_ns: u64) -> Option<Arc<Process>> {
        if lineage.parent_pid == 0 {
            return None;
        }
        let key = key(lineage.parent_pid, lineage.parent_start_ns);
        let parent = match self.tree.get(key) {
            Some(parent) => Arc::clone(parent),
            None => self.read_proc(key.pid, now_ns, 0).filter(|parent| parent.key == key)?,
        };
        Some(bounded(parent))
    }

    /// Reads a process from /proc, its unknown ancestors first.
    fn read_proc(&mut self, pid: u32, now_ns: u64, depth: usize) -> Option<Arc<Process>> {
        let found = self.proc.read(pid)?;
        let key = key(pid, found.start_ns);
        if let Some(known) = self.tree.get(key) {
            return Some(Arc::clone(known));
        }
        let parent = match self.tree.by_pid(found.parent_pid) {
            Some(parent) => Some(Arc::clone(parent)),
            None if found.parent_pid == 0 || depth >= rampart_model::MAX_ANCESTORS => None,
            None => self.read_proc(found.parent_pid, now_ns, depth + 1),
        };
        let process = self.take_snapshot(key, found, parent.map(bounded), now_ns);
        Some(self.tree.insert(process))
    }

    fn take_snapshot(
        &mut self,
        key: ProcessKey,
        found: Snapshot,
        parent: Option<Arc<Process>>,
        now_ns: u64,
    ) -> Process {
        let place = Place { cgroup: &found.cgroup, pid_ns: found.namespaces.pid };
        Process {
            key,
            entity_id: self.entity_id(key),
            container: container(place, parent.as_deref()),
            cgroup: shared(found.cgroup, parent.as_deref()),
            name: found.name,
            executable: found.executable,
            args: found.args,
            args_truncated: found.args_truncated,
            working_directory: found.working_directory,
            user: self.users.of(found.uid, now_ns),
            effective_user_id: found.effective_uid,
            group_id: found.gid,
            login_user_id: found.login_uid,
            namespaces: found.namespaces,
            stdio: Stdio::default(),
            parent,
        }
    }

    fn entity_id(&self, key: ProcessKey) -> Arc<str> {
        format!("{}-{}-{}", self.boot_id, key.pid, key.start_ns / TICK_NS).into()
    }
}

/// Start times cut to ticks, as /proc has them.
const fn key(pid: u32, start_ns: u64) -> ProcessKey {
    ProcessKey { pid, start_ns: start_ns / TICK_NS * TICK_NS }
}

/// One text for a cgroup and its parent's, which mostly are the same.
fn shared(cgroup: Box<str>, parent: Option<&Process>) -> Arc<str> {
    match parent {
        Some(parent) if *parent.cgroup == *cgroup => Arc::clone(&parent.cgroup),
        _ => cgroup.into(),
    }
}

/// A process of which nothing is known.
fn nobody(key: ProcessKey) -> Process {
    Process {
        key,
        entity_id: "".into(),
        name: "".into(),
        executable: "".into(),
        args: Arguments::default(),
        args_truncated: false,
        working_directory: "".into(),
        user: rampart_model::User { id: 0, name: None },
        effective_user_id: 0,
        group_id: 0,
        login_user_id: None,
        namespaces: Namespaces::default(),
        cgroup: "/".into(),
        container: None,
        stdio: Stdio::default(),
        parent: None,
    }
}

/// Makes the paths of a mount absolute. The source is a path when it begins like one, or is bound or moved.
fn mount(raw: RawMount) -> Mount {
    let directory = &raw.working_directory;
    let is_path = raw.source.starts_with('/') || raw.flags & (MS_BIND | MS_MOVE) != 0;
    Mount {
        source: if is_path && !raw.source.is_empty() { absolute(&raw.source, directory) } else { raw.source },
        target: absolute(&raw.target, directory),
        fs_type: raw.fs_type,
        flags: raw.flags,
        errno: raw.errno,
    }
}

#[cfg(test)]
mod tests;
