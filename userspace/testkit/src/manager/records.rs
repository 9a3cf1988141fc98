//! What a manager has seen.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use super::{control::Control, event::Received, keys::locked, registration::Registration};

/// What is kept of events.
#[derive(Debug, Clone, Copy, Default)]
pub enum Keep {
    /// All of each.
    #[default]
    All,
    /// How many there were.
    Count,
    /// A number that the function finds in the message; events without one are counted only.
    Ids(fn(&[u8]) -> Option<u64>),
}

/// What was seen in some time, each in its order.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Events.
    pub events: Vec<Received>,
    /// What agents said to the manager itself.
    pub controls: Vec<Control>,
    /// Requests to enrol.
    pub registrations: Vec<Registration>,
    /// Who was not let in.
    pub refusals: Vec<String>,
    /// Deviations from the protocol.
    pub violations: Vec<String>,
}

/// Most violations that are kept: a test that provokes them without end takes no memory without end.
const VIOLATIONS: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Records {
    keep: Keep,
    count: AtomicU64,
    received: Mutex<Vec<Received>>,
    ids: Mutex<Vec<u64>>,
    pub(super) controls: Mutex<Vec<Control>>,
    pub(super) registrations: Mutex<Vec<Registration>>,
    pub(super) refusals: Mutex<Vec<String>>,
    violations: Mutex<Vec<String>>,
}

impl Records {
    pub(super) fn new(keep: Keep) -> Self {
        Self { keep, ..Self::default() }
    }

    pub(super) fn event(&self, event: Received) {
        match self.keep {
            Keep::All => locked(&self.received).push(event),
            Keep::Count => {}
            Keep::Ids(find) => {
                if let Some(id) = find(&event.message) {
                    locked(&self.ids).push(id);
                }
            }
        }
        self.count.fetch_add(1, Ordering::Release);
    }

    pub(super) fn violation(&self, what: String) {
        let mut violations = locked(&self.violations);
        if violations.len() < VIOLATIONS {
            violations.push(what);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        locked(&self.received).clone()
    }

    pub(super) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *locked(&self.received))
    }

    pub(super) fn drain(&self) -> Seen {
        Seen {
            events: self.take(),
            controls: std::mem::take(&mut *locked(&self.controls)),
            registrations: std::mem::take(&mut *locked(&self.registrations)),
            refusals: std::mem::take(&mut *locked(&self.refusals)),
            violations: std::mem::take(&mut *locked(&self.violations)),
        }
    }

    pub(super) fn ids(&self) -> Vec<u64> {
        locked(&self.ids).clone()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        locked(&self.violations).clone()
    }
}
