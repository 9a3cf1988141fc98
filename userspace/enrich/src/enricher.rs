mod origin;
mod place;
mod target;

use std::{path::PathBuf, sync::Arc};

use rampart_kernel::{Body, Capture};
use rampart_model::{Action, Event, EventKind, Operation, Process, Timestamp};

use crate::{
    Busy, PodDirectory,
    cgroups::Cgroups,
    descriptions::{ContainerCounters, Descriptions},
    proc::Proc,
    tree::{Tree, TreeCounters},
    users::Users,
};

/// Where the enricher looks, and what it calls this boot.
#[derive(Debug, Clone)]
pub struct EnrichConfig {
    /// The host's proc file system.
    pub proc_root: PathBuf,
    /// Where the host's cgroup file systems are mounted.
    pub cgroup_root: PathBuf,
    /// Where the host's other file systems are: passwd and what container runtimes leave on disk are read below it.
    pub host_root: PathBuf,
    /// The kernel's id of this boot: with pid and start time it makes an entity id.
    pub boot_id: String,
}

/// Makes events of captures.
#[derive(Debug)]
pub struct Enricher {
    boot_id: String,
    proc: Proc,
    cgroups: Cgroups,
    users: Users,
    descriptions: Descriptions,
    tree: Tree,
    // Indexed by EventKind::index.
    filtered: [u64; EventKind::ALL.len()],
}

impl Enricher {
    /// Knows nobody yet.
    #[must_use]
    pub fn new(config: EnrichConfig) -> Self {
        Self {
            boot_id: config.boot_id,
            proc: Proc::new(config.proc_root),
            cgroups: Cgroups::new(config.cgroup_root),
            users: Users::new(config.host_root.join("etc/passwd")),
            descriptions: Descriptions::new(config.host_root),
            tree: Tree::default(),
            filtered: [0; EventKind::ALL.len()],
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

    /// Takes in what the API server has told of pods by now: containers are completed by it at their next event.
    pub fn learn(&mut self, pods: Arc<PodDirectory>) {
        self.descriptions.learn(pods);
    }

    /// What the tree had to give up.
    #[must_use]
    pub const fn counters(&self) -> TreeCounters {
        self.tree.counters
    }

    /// What became of the looks at containers' documents.
    #[must_use]
    pub const fn containers(&self) -> ContainerCounters {
        self.descriptions.counters
    }

    /// Captures of a kind that were no event: only here it is known that they stay inside a container.
    #[must_use]
    pub fn filtered(&self, kind: EventKind) -> u64 {
        self.filtered.get(kind.index()).copied().unwrap_or_default()
    }

    /// Completes one capture; none where it is no event after all. `boot_to_wall` is added to times since boot to
    /// get times since 1970, both in nanoseconds.
    pub fn enrich(&mut self, capture: Capture, boot_to_wall: i128) -> Option<Event> {
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
            Body::Call(mut call) => {
                let process = self.actor(&task, time_ns);
                let process = self.complete(process, &mut call.operation, time_ns)?;
                (process, Action::Call(call))
            }
        };
        let time = Timestamp::from_nanos(i128::from(time_ns) + boot_to_wall);
        Some(Event { time, process, thread_id, action })
    }

    /// The event of a process that keeps a processor busy, at that time since boot.
    pub fn busy(&mut self, busy: &Busy, now_ns: u64, boot_to_wall: i128) -> Event {
        let key = busy.process;
        let process = self.by_key(key, now_ns).unwrap_or_else(|| self.stranger(key, &busy.name));
        let time = Timestamp::from_nanos(i128::from(now_ns) + boot_to_wall);
        Event { time, process, thread_id: key.pid, action: Action::Cpu(busy.usage) }
    }

    /// Adds what the kernel did not say, and learns what it did; gives who did it, as that process is now.
    fn complete(
        &mut self,
        process: Arc<Process>,
        operation: &mut Operation,
        now_ns: u64,
    ) -> Option<Arc<Process>> {
        match operation {
            Operation::Credentials(change) => return Some(self.acts_as(&process, &change.after, now_ns)),
            Operation::Access(access) => self.resolve(&mut access.target, &process, now_ns),
            Operation::Signal(signal) => {
                self.resolve(&mut signal.target, &process, now_ns);
                if !target::leaves_container(&process, &signal.target) {
                    self.leave_out(EventKind::Signal);
                    return None;
                }
            }
            _ => {}
        }
        Some(process)
    }

    fn leave_out(&mut self, kind: EventKind) {
        if let Some(count) = self.filtered.get_mut(kind.index()) {
            *count += 1;
        }
    }
}

#[cfg(test)]
mod tests;
