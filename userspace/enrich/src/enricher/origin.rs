//! Who a process is and where it comes from.

use std::sync::Arc;

use rampart_kernel::{Exec, Fork, Lineage, Task};
use rampart_model::{
    Arguments, Capabilities, ExecutableTraits, Identity, Namespaces, Process, ProcessKey, Stdio, User,
};

use super::Enricher;
use crate::{proc::Snapshot, tree::bounded};

impl Enricher {
    /// A process with its new program.
    pub(super) fn exec(&mut self, task: &Task, exec: Exec, now_ns: u64) -> Arc<Process> {
        let key = key(task);
        let before = self.tree.get(key).map(Arc::clone);
        // Who made the process, rather than who has adopted it since.
        let parent = match &before {
            Some(before) => before.parent.clone(),
            None => self.parent(&exec.lineage, now_ns),
        };
        let origin = before.as_deref().or(parent.as_deref());
        let home = self.home(task.cgroup_id, &exec.cgroup, exec.namespaces.pid, origin);
        let process = Process {
            key,
            entity_id: self.entity_id(key),
            name: task.name.clone(),
            executable: exec.executable,
            traits: exec.traits,
            script: exec.script,
            args: exec.args,
            args_truncated: exec.args_truncated,
            working_directory: exec.working_directory,
            user: self.users.of(task.uid, now_ns),
            effective_user_id: exec.lineage.effective_uid,
            group_id: task.gid,
            capabilities: exec.capabilities,
            login_user_id: exec.lineage.login_uid,
            namespaces: exec.namespaces,
            inner_pid: exec.lineage.inner_pid,
            cgroup: home.cgroup,
            cgroup_id: home.cgroup_id,
            container: self.described(home.container, now_ns),
            stdio: exec.stdio,
            parent,
        };
        self.tree.insert(process)
    }

    /// A new process: the image of its parent.
    pub(super) fn fork(&mut self, task: &Task, fork: Fork, now_ns: u64) -> Arc<Process> {
        let key = key(task);
        let parent = self.parent(&fork.lineage, now_ns);
        let image = parent.as_deref().cloned().unwrap_or_else(|| nobody(key));
        let mut process = Process {
            key,
            entity_id: self.entity_id(key),
            name: task.name.clone(),
            user: self.users.of(task.uid, now_ns),
            effective_user_id: fork.lineage.effective_uid,
            group_id: task.gid,
            login_user_id: fork.lineage.login_uid,
            namespaces: Namespaces { mnt: fork.mnt_ns, pid: fork.pid_ns, ..image.namespaces },
            inner_pid: fork.lineage.inner_pid,
            parent,
            ..image
        };
        if let Some(home) = self.moved(&process, task) {
            home.give(&mut process);
        }
        process.container = self.described(process.container, now_ns);
        self.tree.insert(process)
    }

    /// The process of a task that has done something, as it is now.
    pub(super) fn actor(&mut self, task: &Task, now_ns: u64) -> Arc<Process> {
        let key = key(task);
        let known = match self.tree.get(key) {
            Some(process) => Arc::clone(process),
            None => self.find(task, key, now_ns),
        };
        let mut home = self.moved(&known, task);
        if let Some(home) = &mut home {
            home.container = self.described(home.container.take(), now_ns);
        }
        let known = if home.is_none() { self.named(known, now_ns) } else { known };
        if home.is_none() && known.user.id == task.uid && known.group_id == task.gid {
            return known;
        }
        let mut process = Process::clone(&known);
        if let Some(home) = home {
            home.give(&mut process);
        }
        if process.user.id != task.uid {
            // Mostly both change together; where not, the change of credentials says so.
            if process.effective_user_id == process.user.id {
                process.effective_user_id = task.uid;
            }
            process.user = self.users.of(task.uid, now_ns);
        }
        process.group_id = task.gid;
        self.tree.insert(process)
    }

    /// The process after a change of its credentials.
    pub(super) fn acts_as(&mut self, process: &Process, identity: &Identity, now_ns: u64) -> Arc<Process> {
        self.tree.insert(Process {
            user: self.users.of(identity.uid, now_ns),
            effective_user_id: identity.euid,
            group_id: identity.gid,
            ..process.clone()
        })
    }

    /// A process that nobody saw begin: in /proc if it lives, else what the record itself says.
    fn find(&mut self, task: &Task, key: ProcessKey, now_ns: u64) -> Arc<Process> {
        if let Some(process) = self.by_key(key, now_ns) {
            return process;
        }
        let process = Process {
            user: self.users.of(task.uid, now_ns),
            effective_user_id: task.uid,
            group_id: task.gid,
            ..Process::clone(&self.stranger(key, &task.name))
        };
        self.tree.insert(process)
    }

    /// A process of which only the name is known.
    pub(super) fn stranger(&mut self, key: ProcessKey, name: &str) -> Arc<Process> {
        self.tree.counters.unknown += 1;
        let process = Process { entity_id: self.entity_id(key), name: name.into(), ..nobody(key) };
        self.tree.insert(process)
    }

    fn parent(&mut self, lineage: &Lineage, now_ns: u64) -> Option<Arc<Process>> {
        if lineage.parent_pid == 0 {
            return None;
        }
        let key = ProcessKey::new(lineage.parent_pid, lineage.parent_start_ns);
        Some(bounded(self.by_key(key, now_ns)?))
    }

    /// Reads a process from /proc, its unknown ancestors first.
    pub(super) fn read_proc(&mut self, pid: u32, now_ns: u64, depth: usize) -> Option<Arc<Process>> {
        let found = self.proc.read(pid)?;
        let key = ProcessKey::new(pid, found.start_ns);
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
        let cgroup_id = self.cgroups.id_of(&found.cgroup).unwrap_or(0);
        let home = self.home(cgroup_id, &found.cgroup, found.namespaces.pid, parent.as_deref());
        Process {
            key,
            entity_id: self.entity_id(key),
            name: found.name,
            executable: found.executable,
            traits: found.traits,
            script: None,
            args: found.args,
            args_truncated: found.args_truncated,
            working_directory: found.working_directory,
            user: self.users.of(found.uid, now_ns),
            effective_user_id: found.effective_uid,
            group_id: found.gid,
            capabilities: found.capabilities,
            login_user_id: found.login_uid,
            namespaces: found.namespaces,
            inner_pid: found.inner_pid,
            cgroup: home.cgroup,
            cgroup_id: home.cgroup_id,
            container: self.described(home.container, now_ns),
            stdio: Stdio::default(),
            parent,
        }
    }

    fn entity_id(&self, key: ProcessKey) -> Arc<str> {
        format!("{}-{}-{}", self.boot_id, key.pid, key.start_ns / ProcessKey::TICK_NS).into()
    }
}

const fn key(task: &Task) -> ProcessKey {
    ProcessKey::new(task.pid, task.start_ns)
}

/// A process of which nothing is known.
fn nobody(key: ProcessKey) -> Process {
    Process {
        key,
        entity_id: "".into(),
        name: "".into(),
        executable: "".into(),
        traits: ExecutableTraits::default(),
        script: None,
        args: Arguments::default(),
        args_truncated: false,
        working_directory: "".into(),
        user: User { id: 0, name: None },
        effective_user_id: 0,
        group_id: 0,
        capabilities: Capabilities::default(),
        login_user_id: None,
        namespaces: Namespaces::default(),
        inner_pid: 0,
        cgroup: "/".into(),
        cgroup_id: 0,
        container: None,
        stdio: Stdio::default(),
        parent: None,
    }
}
