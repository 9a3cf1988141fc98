use std::{collections::VecDeque, sync::Arc};

use rampart_model::{MAX_ANCESTORS, Process, ProcessKey};
use rustc_hash::FxHashMap;

use crate::containers::on_host;

/// Most processes that are remembered. At the bound one is forgotten for each that comes, and counted; it is
/// read from /proc again when it does something.
pub const MAX_PROCESSES: usize = 65_536;

/// How long an ended process is kept: the outcome of a connection may come after its process has ended.
const KEEP_ENDED_NS: u64 = 10_000_000_000;

/// Most ended processes that are kept.
const MAX_ENDED: usize = 8_192;

/// What the tree had to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TreeCounters {
    /// Processes forgotten at [`MAX_PROCESSES`].
    pub forgotten: u64,
    /// Processes that acted without being known: neither seen to begin nor found in /proc.
    pub unknown: u64,
}

/// The living processes, and those that ended just now.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    by_pid: FxHashMap<u32, Arc<Process>>,
    // Pids of processes in other pid namespaces than the host's, by namespace and number there.
    inner: FxHashMap<(u32, u32), u32>,
    ended: VecDeque<(u64, ProcessKey)>,
    pub(crate) counters: TreeCounters,
}

impl Tree {
    pub(crate) fn get(&self, key: ProcessKey) -> Option<&Arc<Process>> {
        self.by_pid.get(&key.pid).filter(|process| process.key == key)
    }

    pub(crate) fn by_pid(&self, pid: u32) -> Option<&Arc<Process>> {
        self.by_pid.get(&pid)
    }

    /// The process that has a number in a pid namespace which is not the host's.
    pub(crate) fn by_inner_pid(&self, pid_ns: u32, number: u32) -> Option<&Arc<Process>> {
        let process = self.by_pid.get(self.inner.get(&(pid_ns, number))?)?;
        (inner_key(process) == Some((pid_ns, number))).then_some(process)
    }

    /// Remembers a process, in place of any other with its pid.
    pub(crate) fn insert(&mut self, process: Process) -> Arc<Process> {
        let process = Arc::new(process);
        if self.by_pid.len() >= MAX_PROCESSES && !self.by_pid.contains_key(&process.key.pid) {
            let victim = self.by_pid.keys().next().copied();
            if let Some(pid) = victim {
                self.remove(pid);
            }
            self.counters.forgotten += 1;
        }
        let pid = process.key.pid;
        if self.by_pid.get(&pid).is_some_and(|old| inner_key(old) != inner_key(&process)) {
            self.remove(pid);
        }
        if let Some(inner) = inner_key(&process) {
            self.inner.insert(inner, pid);
        }
        self.by_pid.insert(pid, Arc::clone(&process));
        process
    }

    fn remove(&mut self, pid: u32) {
        let inner = self.by_pid.remove(&pid).and_then(|process| inner_key(&process));
        // Another process may have the number by now.
        if let Some(inner) = inner.filter(|inner| self.inner.get(inner) == Some(&pid)) {
            self.inner.remove(&inner);
        }
    }

    /// Marks a process as ended.
    pub(crate) fn end(&mut self, key: ProcessKey, now_ns: u64) {
        self.ended.push_back((now_ns, key));
        while let Some((when_ns, key)) = self.ended.front().copied() {
            if self.ended.len() <= MAX_ENDED && now_ns.saturating_sub(when_ns) < KEEP_ENDED_NS {
                break;
            }
            self.ended.pop_front();
            if self.get(key).is_some() {
                self.remove(key.pid);
            }
        }
    }
}

/// Where a process stands in the list of those in other pid namespaces.
const fn inner_key(process: &Process) -> Option<(u32, u32)> {
    let pid_ns = process.namespaces.pid;
    if on_host(pid_ns) || process.inner_pid == 0 { None } else { Some((pid_ns, process.inner_pid)) }
}

/// A parent to put above a new process: itself, or where its chain is as long as is kept, a copy whose chain is
/// half as long, so that chains of processes that each make the next and end do not grow for ever.
pub(crate) fn bounded(parent: Arc<Process>) -> Arc<Process> {
    if parent.ancestors().count() < MAX_ANCESTORS - 1 {
        return parent;
    }
    let kept: Vec<&Process> =
        std::iter::once(&*parent).chain(parent.ancestors()).take(MAX_ANCESTORS / 2).collect();
    let chain = kept
        .into_iter()
        .rev()
        .fold(None, |above, process| Some(Arc::new(Process { parent: above, ..process.clone() })));
    chain.unwrap_or(parent)
}
