use std::{
    collections::VecDeque,
    hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use lru::LruCache;
use rampart_model::{Event, Repeated, Timestamp};
use rustc_hash::FxBuildHasher;

use super::is_over;
use crate::Match;

/// Different things that are counted at one time. Beyond, the one that was longest without a repetition is told early.
const IDENTITIES: usize = 4096;

/// What makes two matches the same: all but when, and by which of several like processes.
///
/// The hash has a secret key: who chooses arguments must not be able to make a deed look like one that was told already.
fn identity(secret: &RandomState, found: &Match, event: &Event) -> u64 {
    let mut hasher = secret.build_hasher();
    found.rule.id.hash(&mut hasher);
    if let Some(correlation) = &found.correlation {
        correlation.group.hash(&mut hasher);
        return hasher.finish();
    }
    let process = &*event.process;
    process.executable.hash(&mut hasher);
    process.args.command_line().hash(&mut hasher);
    process.user.id.hash(&mut hasher);
    process.container.as_ref().map(|container| &container.id).hash(&mut hasher);
    process.parent.as_ref().map(|parent| &parent.executable).hash(&mut hasher);
    event.summary().hash(&mut hasher);
    hasher.finish()
}

/// Counts what was told already.
#[derive(Debug)]
pub(crate) struct Fold {
    window: Duration,
    secret: RandomState,
    told: LruCache<u64, Entry, FxBuildHasher>,
    // By when their windows end; entries that left early are still here.
    order: VecDeque<(Timestamp, u64)>,
    folded: u64,
}

#[derive(Debug)]
struct Entry {
    first: Timestamp,
    again: Option<Again>,
}

/// The last repetition, and how many there were.
#[derive(Debug)]
struct Again {
    count: u64,
    event: Arc<Event>,
    found: Match,
}

/// Repetitions whose window is over.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) event: Arc<Event>,
    pub(crate) found: Match,
    pub(crate) repeated: Repeated,
}

impl Fold {
    pub(crate) fn new(window: Duration) -> Self {
        let told = LruCache::unbounded_with_hasher(FxBuildHasher);
        Self { window, secret: RandomState::new(), told, order: VecDeque::new(), folded: 0 }
    }

    /// Gives a match back if it is to be told; counts it otherwise. What is over by then goes to `over`.
    pub(crate) fn take(&mut self, found: Match, event: &Arc<Event>, over: &mut Vec<Folded>) -> Option<Match> {
        if self.window.is_zero() {
            return Some(found);
        }
        self.expire(event.time, over);
        let identity = identity(&self.secret, &found, event);
        if let Some(entry) = self.told.get_mut(&identity) {
            let count = entry.again.as_ref().map_or(0, |again| again.count) + 1;
            entry.again = Some(Again { count, event: Arc::clone(event), found });
            self.folded += 1;
            return None;
        }
        if self.told.len() >= IDENTITIES
            && let Some((_, entry)) = self.told.pop_lru()
        {
            over.extend(entry.into_folded());
        }
        self.told.push(identity, Entry { first: event.time, again: None });
        self.order.push_back((event.time, identity));
        self.forget_those_that_left();
        Some(found)
    }

    /// Entries that left early are still in the order. Before they are more than the others, they go: so the order is as
    /// bounded as what it orders.
    fn forget_those_that_left(&mut self) {
        if self.order.len() > 2 * IDENTITIES {
            let told = &self.told;
            self.order
                .retain(|(first, identity)| told.peek(identity).is_some_and(|entry| entry.first == *first));
        }
    }

    /// Ends the windows that are over.
    pub(crate) fn expire(&mut self, now: Timestamp, over: &mut Vec<Folded>) {
        while let Some((first, identity)) = self.order.front().copied() {
            if !is_over(first, self.window, now) {
                break;
            }
            self.order.pop_front();
            // It may have left early and come again since.
            if self.told.peek(&identity).is_some_and(|entry| entry.first == first)
                && let Some(entry) = self.told.pop(&identity)
            {
                over.extend(entry.into_folded());
            }
        }
    }

    /// Ends all windows.
    pub(crate) fn finish(&mut self) -> Vec<Folded> {
        self.order.clear();
        std::iter::from_fn(|| self.told.pop_lru()).filter_map(|(_, entry)| entry.into_folded()).collect()
    }

    /// How many were counted and not told.
    pub(crate) const fn folded(&self) -> u64 {
        self.folded
    }
}

impl Entry {
    fn into_folded(self) -> Option<Folded> {
        let Again { count, event, found } = self.again?;
        Some(Folded { event, found, repeated: Repeated { count, first: self.first } })
    }
}
