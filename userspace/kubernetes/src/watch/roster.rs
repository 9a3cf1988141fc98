use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use rampart_model::{PodChange, PodDetails, PodRecord, Workload};
use tokio::time::Instant;

use super::{
    WatchState,
    feed::News,
    owners::{Answer, Owner, Owners, Question},
    record,
};
use crate::{LabelChoice, wire::Pod};

/// Most pods that are known. A node has 110, and with much effort a thousand.
const PODS: usize = 4096;

/// Most bytes that they take together. A thousand of them with three containers each take two or three MiB: but whoever may make
/// pods chooses their names and images, and a pod has room for 256 containers.
const POD_BYTES: usize = 32 * 1024 * 1024;

/// How long a pod is held back for its owner to be looked up.
const HOLD: Duration = Duration::from_millis(300);

/// The pods that are known, what has been told of them, and what is to be told.
pub(super) struct Roster<'a> {
    choice: &'a LabelChoice,
    state: Arc<WatchState>,
    owners: Owners,
    pods: BTreeMap<Arc<str>, Entry>,
    /// What they take, at most [`POD_BYTES`].
    bytes: usize,
    /// UIDs of the list that is under way.
    listed: BTreeSet<Arc<str>>,
    /// Pods that are held back, the first to be told first. May name some that have been told or are gone.
    held: VecDeque<(Instant, Arc<str>)>,
    /// A list is complete, and that is to be told as soon as all in it are.
    is_complete: bool,
    /// To be told, in order.
    changes: VecDeque<PodChange>,
}

struct Entry {
    record: Arc<PodRecord>,
    owner: Option<Owner>,
    /// What it takes, in bytes.
    cost: usize,
    /// The owner's chain is known to its end, or given up for good: it is not asked for again.
    is_settled: bool,
    waits_for: Option<Arc<str>>,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    New,
    Held,
    Told,
}

impl<'a> Roster<'a> {
    pub(super) fn new(choice: &'a LabelChoice, state: Arc<WatchState>) -> Self {
        Self {
            choice,
            owners: Owners::new(Arc::clone(&state)),
            state,
            pods: BTreeMap::new(),
            bytes: 0,
            listed: BTreeSet::new(),
            held: VecDeque::new(),
            is_complete: false,
            changes: VecDeque::new(),
        }
    }

    /// What is to be told next.
    pub(super) fn told(&mut self) -> Option<PodChange> {
        self.changes.pop_front()
    }

    /// When there is something to do: a pod to be told, or where there is room for it an owner to be looked up.
    pub(super) fn due(&self, can_look: bool) -> Option<Instant> {
        let held = self.held.front().map(|(due, _)| *due);
        let owner = if can_look { self.owners.due() } else { None };
        [held, owner].into_iter().flatten().min()
    }

    /// An owner to be looked up now.
    pub(super) fn question(&mut self, now: Instant) -> Option<Question> {
        self.owners.question(now)
    }

    /// Takes what the API server tells.
    pub(super) fn take(&mut self, news: News, now: Instant) {
        match news {
            News::Begun => {
                self.listed.clear();
                self.is_complete = false;
            }
            News::Page(pods) => {
                for pod in pods {
                    if let Some(uid) = self.put(&pod.0, now) {
                        self.listed.insert(uid);
                    }
                }
            }
            News::Complete => self.complete(),
            News::Changed(pod) => {
                self.state.add_event();
                self.put(&pod, now);
            }
            News::Removed(pod) => {
                self.state.add_event();
                self.remove(&pod);
            }
        }
        self.state.set_pods(self.pods.len());
        self.tell_complete();
    }

    /// Takes what a look at an owner has shown.
    pub(super) fn learn(&mut self, answer: Answer, now: Instant) {
        let uid = Arc::clone(answer.uid());
        self.owners.learn(answer, now);
        let waiting = self.pods.iter().filter(|(_, entry)| entry.waits_for.as_ref() == Some(&uid));
        let waiting: Vec<Arc<str>> = waiting.map(|(uid, _)| Arc::clone(uid)).collect();
        for uid in waiting {
            self.settle(&uid, now, false);
        }
        self.tell_complete();
    }

    /// Tells of those that have been held back long enough.
    pub(super) fn release(&mut self, now: Instant) {
        while let Some((_, uid)) = self.held.pop_front_if(|(due, _)| *due <= now) {
            if let Some(entry) = self.pods.get_mut(&uid)
                && entry.standing == Standing::Held
            {
                entry.standing = Standing::Told;
                self.changes.push_back(PodChange::Present(Arc::clone(&entry.record)));
            }
        }
        self.tell_complete();
    }

    fn put(&mut self, pod: &Pod, now: Instant) -> Option<Arc<str>> {
        let seen = record::read(pod, self.choice, &self.state)?;
        let (uid, cost) = (Arc::clone(&seen.record.uid), seen.cost());
        let before = self.pods.get(&uid).map(|entry| entry.cost);
        let bytes = self.bytes.saturating_sub(before.unwrap_or_default()) + cost;
        if bytes > POD_BYTES || (before.is_none() && self.pods.len() == PODS) {
            self.state.add_refused(1);
            // One that is known stays as it was.
            return before.map(|_| uid);
        }
        self.bytes = bytes;
        let record = Arc::new(seen.record);
        let (mut is_changed, mut has_new_owner) = (true, false);
        if let Some(entry) = self.pods.get_mut(&uid) {
            let PodDetails { workload, owner_is_pending, .. } = &*entry.record.details;
            let record = with_workload(&record, workload.clone(), *owner_is_pending);
            is_changed = *entry.record != *record;
            has_new_owner = entry.owner != seen.owner;
            entry.record = record;
            entry.owner = seen.owner;
            entry.cost = cost;
            entry.is_settled &= !has_new_owner;
        } else {
            let (waits_for, standing) = (None, Standing::New);
            let entry = Entry { record, owner: seen.owner, cost, is_settled: false, waits_for, standing };
            self.pods.insert(Arc::clone(&uid), entry);
        }
        self.settle(&uid, now, is_changed);
        if has_new_owner {
            self.forget_owners();
        }
        Some(uid)
    }

    /// Finds out a pod's workload, and tells of the pod where that or anything else is new.
    fn settle(&mut self, uid: &Arc<str>, now: Instant, mut is_changed: bool) {
        let Some(entry) = self.pods.get_mut(uid) else { return };
        let mut is_overdue = false;
        // What is known is not taken back when the owners between have been forgotten.
        if !entry.is_settled {
            let owner = entry.owner.as_ref();
            let chain = owner.map(|owner| self.owners.chain(&entry.record.namespace, owner, now));
            let workload = chain.as_ref().map(|chain| chain.workload.clone());
            is_overdue = chain.as_ref().is_some_and(|chain| chain.is_overdue);
            entry.waits_for = chain.and_then(|chain| chain.waits_for);
            entry.is_settled = entry.waits_for.is_none();
            let record = with_workload(&entry.record, workload, !entry.is_settled);
            is_changed |= !Arc::ptr_eq(&entry.record, &record);
            entry.record = record;
        }
        let may_wait = entry.waits_for.is_some() && !is_overdue;
        match entry.standing {
            Standing::New if may_wait => {
                entry.standing = Standing::Held;
                self.held.push_back((now + HOLD, Arc::clone(uid)));
            }
            Standing::Held if may_wait => {}
            Standing::Told if !is_changed => {}
            Standing::New | Standing::Held | Standing::Told => {
                entry.standing = Standing::Told;
                self.changes.push_back(PodChange::Present(Arc::clone(&entry.record)));
            }
        }
    }

    fn remove(&mut self, pod: &Pod) {
        let Some(uid) = pod.metadata.0.uid.whole() else {
            self.state.add_refused(1);
            return;
        };
        let Some(entry) = self.pods.remove(uid) else { return };
        self.bytes = self.bytes.saturating_sub(entry.cost);
        if entry.standing != Standing::Told {
            // What it has done may not have been told yet.
            self.changes.push_back(PodChange::Present(Arc::clone(&entry.record)));
        }
        self.changes.push_back(PodChange::Gone(Arc::clone(&entry.record.uid)));
        self.forget_owners();
    }

    fn complete(&mut self) {
        let listed = std::mem::take(&mut self.listed);
        self.pods.retain(|uid, _| listed.contains(uid));
        self.bytes = self.pods.values().map(|entry| entry.cost).sum();
        self.forget_owners();
        self.is_complete = true;
    }

    fn tell_complete(&mut self) {
        if self.is_complete && self.pods.values().all(|entry| entry.standing == Standing::Told) {
            self.is_complete = false;
            self.changes.push_back(PodChange::Only(self.pods.keys().cloned().collect()));
            self.state.add_list();
        }
    }

    fn forget_owners(&mut self) {
        let waited_for = self.pods.values().filter_map(|entry| entry.waits_for.clone()).collect();
        self.owners.keep(&waited_for);
    }
}

fn with_workload(record: &Arc<PodRecord>, workload: Option<Workload>, is_pending: bool) -> Arc<PodRecord> {
    if record.details.workload == workload && record.details.owner_is_pending == is_pending {
        return Arc::clone(record);
    }
    let mut record = PodRecord::clone(record);
    let details = Arc::make_mut(&mut record.details);
    details.workload = workload;
    details.owner_is_pending = is_pending;
    Arc::new(record)
}

#[cfg(test)]
mod tests;
