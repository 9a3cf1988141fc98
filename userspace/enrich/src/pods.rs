//! What the API server has told of the pods on this node.

mod directory;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use rampart_model::{PodChange, PodRecord};

pub use self::directory::PodDirectory;

/// Most pods that are known at a time: the largest nodes have some hundreds. What comes beyond is counted.
pub const MAX_PODS: usize = 4_096;

/// Most pods that are kept after they have gone. At the bound the one that went first is forgotten, and counted.
pub const MAX_GONE_PODS: usize = 1_024;

/// How long a pod is kept after it has gone: what its processes did last may come to light after that.
const KEEP_GONE: Duration = Duration::from_mins(10);

/// What had to be left out of the pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PodCounters {
    /// Pods that found no room at [`MAX_PODS`].
    pub refused: u64,
    /// Pods forgotten before their time, at [`MAX_GONE_PODS`].
    pub forgotten: u64,
}

/// The pods of this node, those that went a while ago included. It has one owner; others look at its snapshots.
#[derive(Debug, Default)]
pub struct Pods {
    present: BTreeMap<Arc<str>, Arc<PodRecord>>,
    // The one that went first stands first.
    gone: VecDeque<(Instant, Arc<PodRecord>)>,
    counters: PodCounters,
    has_changed: bool,
    latest: Arc<PodDirectory>,
}

impl Pods {
    /// Takes in what has been told, `now`.
    pub fn apply(&mut self, change: PodChange, now: Instant) {
        match change {
            PodChange::Present(record) => self.put(&record),
            PodChange::Gone(uid) => self.leave(&uid, now),
            PodChange::Only(uids) => {
                let gone: Vec<_> = self.present.keys().filter(|uid| !uids.contains(*uid)).cloned().collect();
                for uid in gone {
                    self.leave(&uid, now);
                }
            }
        }
        self.expire(now);
    }

    /// Forgets pods that went ten minutes before `now`. To be called now and then.
    pub fn expire(&mut self, now: Instant) {
        while let Some((when, _)) = self.gone.front() {
            let is_over = now.saturating_duration_since(*when) >= KEEP_GONE;
            if !is_over && self.gone.len() <= MAX_GONE_PODS {
                break;
            }
            self.counters.forgotten += u64::from(!is_over);
            self.gone.pop_front();
            self.has_changed = true;
        }
    }

    /// What is known by now; the same as before where nothing has changed since.
    pub fn snapshot(&mut self) -> Arc<PodDirectory> {
        if std::mem::take(&mut self.has_changed) {
            let gone = self.gone.iter().map(|(_, record)| record);
            let directory = PodDirectory::new(self.latest.generation() + 1, self.present.values(), gone);
            self.latest = Arc::new(directory);
        }
        Arc::clone(&self.latest)
    }

    /// How many pods there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.present.len()
    }

    /// What had to be left out.
    #[must_use]
    pub const fn counters(&self) -> PodCounters {
        self.counters
    }

    fn put(&mut self, record: &Arc<PodRecord>) {
        if self.present.len() >= MAX_PODS && !self.present.contains_key(&record.uid) {
            self.counters.refused += 1;
            return;
        }
        let before = self.present.insert(Arc::clone(&record.uid), Arc::clone(record));
        self.has_changed |= before.is_none_or(|before| before != *record);
    }

    fn leave(&mut self, uid: &str, now: Instant) {
        if let Some(record) = self.present.remove(uid) {
            self.gone.push_back((now, record));
            self.has_changed = true;
        }
    }
}
