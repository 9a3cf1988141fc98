use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use rampart_model::{PodChange, PodRecord, Workload};
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

/// How long a pod is held back for its owner to be looked up.
const HOLD: Duration = Duration::from_millis(300);

/// The pods that are known, what has been told of them, and what is to be told.
pub(super) struct Roster<'a> {
    choice: &'a LabelChoice,
    state: Arc<WatchState>,
    owners: Owners,
    pods: BTreeMap<Arc<str>, Entry>,
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
        self.tell_complete();
        self.state.set_pods(self.pods.len());
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
        let uid = Arc::clone(&seen.record.uid);
        let record = Arc::new(seen.record);
        let is_changed = if let Some(entry) = self.pods.get_mut(&uid) {
            let record = with_workload(&record, entry.record.details.workload.clone());
            let is_changed = *entry.record != *record;
            entry.record = record;
            entry.owner = seen.owner;
            is_changed
        } else {
            if self.pods.len() == PODS {
                self.state.add_refused(1);
                return None;
            }
            let entry = Entry { record, owner: seen.owner, waits_for: None, standing: Standing::New };
            self.pods.insert(Arc::clone(&uid), entry);
            true
        };
        self.settle(&uid, now, is_changed);
        Some(uid)
    }

    /// Finds out a pod's workload, and tells of the pod where that or anything else is new.
    fn settle(&mut self, uid: &Arc<str>, now: Instant, mut is_changed: bool) {
        let Some(entry) = self.pods.get_mut(uid) else { return };
        let chain = entry.owner.as_ref().map(|owner| self.owners.chain(&entry.record.namespace, owner, now));
        let (workload, waits_for, is_overdue) = match chain {
            Some(chain) => (Some(chain.workload), chain.waits_for, chain.is_overdue),
            None => (None, None, false),
        };
        if entry.record.details.workload != workload {
            entry.record = with_workload(&entry.record, workload);
            is_changed = true;
        }
        entry.waits_for = waits_for;
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

fn with_workload(record: &Arc<PodRecord>, workload: Option<Workload>) -> Arc<PodRecord> {
    if record.details.workload == workload {
        return Arc::clone(record);
    }
    let mut record = PodRecord::clone(record);
    let details = Arc::make_mut(&mut record.details);
    details.workload = workload;
    Arc::new(record)
}
