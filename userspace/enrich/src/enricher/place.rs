//! Where a process is: its cgroup, and by that its container.

use std::sync::Arc;

use rampart_kernel::Task;
use rampart_model::{Container, Process};

use super::Enricher;
use crate::{
    cgroups::ROOT,
    containers::{Place, container},
};

/// A cgroup and the container that it stands for.
pub(super) struct Home {
    pub(super) cgroup_id: u64,
    pub(super) cgroup: Arc<str>,
    pub(super) container: Option<Arc<Container>>,
}

impl Home {
    pub(super) fn give(self, process: &mut Process) {
        process.cgroup_id = self.cgroup_id;
        process.cgroup = self.cgroup;
        process.container = self.container;
    }
}

impl Enricher {
    /// By the path that the kernel gave along with the id.
    pub(super) fn home(&mut self, cgroup_id: u64, path: &str, pid_ns: u32, origin: Option<&Process>) -> Home {
        let container = container(Place { cgroup: path, pid_ns }, origin);
        // Below the root of the unified hierarchy ids say nothing, but most processes are where they come from.
        let cgroup = match origin {
            Some(origin) if *origin.cgroup == *path => {
                self.cgroups.learn(cgroup_id, path);
                Arc::clone(&origin.cgroup)
            }
            _ => self.cgroups.learn(cgroup_id, path),
        };
        Home { cgroup_id, cgroup, container }
    }

    /// Where a record says that a process is, if that is elsewhere than what is known: a runtime moves a process into
    /// a container's cgroup without any other sign of it.
    pub(super) fn moved(&mut self, known: &Process, task: &Task) -> Option<Home> {
        let cgroup_id = task.cgroup_id;
        if cgroup_id == 0 || cgroup_id == known.cgroup_id {
            return None;
        }
        let unknown = known.cgroup_id == 0;
        let cgroup = match self.cgroups.path(cgroup_id) {
            Some(path) => path,
            // Under cgroup v1 what was read before is right, and there is no more to learn.
            None if unknown && cgroup_id == ROOT => Arc::clone(&known.cgroup),
            None => self.read_cgroup(task)?,
        };
        if cgroup == known.cgroup {
            return Some(Home { cgroup_id, cgroup, container: known.container.clone() });
        }
        let place = Place { cgroup: &cgroup, pid_ns: known.namespaces.pid };
        let container = container(place, Some(known));
        Some(Home { cgroup_id, cgroup, container })
    }

    /// A container as well as it is known by now.
    pub(super) fn described(
        &mut self,
        container: Option<Arc<Container>>,
        now_ns: u64,
    ) -> Option<Arc<Container>> {
        container.map(|container| self.descriptions.of(container, now_ns))
    }

    /// A process whose container may not have been described when it began.
    pub(super) fn named(&mut self, process: Arc<Process>, now_ns: u64) -> Arc<Process> {
        let container = self.described(process.container.clone(), now_ns);
        if container == process.container {
            return process;
        }
        self.tree.insert(Process { container, ..Process::clone(&process) })
    }

    /// What /proc says, unless the process has been moved on since.
    fn read_cgroup(&mut self, task: &Task) -> Option<Arc<str>> {
        let path = self.proc.cgroup(task.pid, task.tid)?;
        match self.cgroups.id_of(&path) {
            Some(id) if id == task.cgroup_id => Some(self.cgroups.learn(id, &path)),
            Some(_) => None,
            // The file system cannot be seen, or the cgroup is gone.
            None => Some(path.into()),
        }
    }
}
