//! The processes that something is done to.

use std::sync::Arc;

use rampart_model::{Process, ProcessKey, Target};

use super::Enricher;
use crate::containers::on_host;

impl Enricher {
    /// Finds out which process is meant.
    pub(super) fn resolve(&mut self, target: &mut Target, caller: &Process, now_ns: u64) {
        let found = match target {
            Target::Process(_) => return,
            Target::Key(key) => self.by_key(*key, now_ns),
            Target::Number(number) => self.by_number(*number, caller.namespaces.pid, now_ns),
        };
        if let Some(process) = found {
            *target = Target::Process(process);
        }
    }

    /// The process of a key, as well as it is known.
    pub fn target(&mut self, key: ProcessKey, now_ns: u64) -> Target {
        self.by_key(key, now_ns).map_or(Target::Key(key), Target::Process)
    }

    /// The living process of a key, or one that ended just now.
    pub(super) fn by_key(&mut self, key: ProcessKey, now_ns: u64) -> Option<Arc<Process>> {
        match self.tree.get(key) {
            Some(process) => Some(Arc::clone(process)),
            None => self.read_proc(key.pid, now_ns, 0).filter(|process| process.key == key),
        }
    }

    /// The process of a number that somebody in a pid namespace used. On the host it may be the number of a thread.
    fn by_number(&mut self, number: u32, pid_ns: u32, now_ns: u64) -> Option<Arc<Process>> {
        if !on_host(pid_ns) {
            return self.tree.by_inner_pid(pid_ns, number).map(Arc::clone);
        }
        if let Some(process) = self.tree.by_pid(number) {
            return Some(Arc::clone(process));
        }
        let pid = self.proc.process_of(number)?;
        self.read_proc(pid, now_ns, 0)
    }
}

/// Whether a signal goes from a container to another or to the host. What is not known is taken for another.
pub(super) fn leaves_container(sender: &Process, target: &Target) -> bool {
    let Some(own) = &sender.container else { return false };
    let other = target.process().and_then(|process| process.container.as_ref());
    other.is_none_or(|other| other.id != own.id)
}
