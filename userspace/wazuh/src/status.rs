//! What the client does now, and what it has done: for metrics, for readiness and for people.

mod counters;
mod trouble;

use std::sync::Arc;

use tokio::{
    sync::watch,
    time::{Duration, Instant},
};

pub use self::{
    counters::{Counters, Tally},
    trouble::Trouble,
};

/// What the client does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It was not started yet.
    Idle,
    /// It asks this manager for a key.
    Enrolling(Arc<str>),
    /// It connects to this manager.
    Connecting(Arc<str>),
    /// This manager has acknowledged it, and takes what it sends.
    Connected(Arc<str>),
    /// No manager serves it now: it tries again after this time, counted from when it began to wait.
    Waiting(Duration),
    /// It has ended.
    Stopped,
}

/// The client at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What it does.
    pub state: State,
    /// Since when it does that.
    pub since: Instant,
    /// By which number the manager knows it; none before it is enrolled.
    pub agent_id: Option<Arc<str>>,
    /// Why the last attempt has failed; none once a manager serves it again.
    pub trouble: Option<Arc<Trouble>>,
}

impl Snapshot {
    /// Whether a manager takes what is sent.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected(_))
    }

    /// The manager that it is connected to, as `host:port`.
    #[must_use]
    pub fn manager(&self) -> Option<&str> {
        if let State::Connected(manager) = &self.state { Some(manager) } else { None }
    }
}

/// The client's state and counters; every clone shows the same.
#[derive(Debug, Clone)]
pub struct Status(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    now: watch::Sender<Snapshot>,
    counters: Counters,
}

impl Status {
    pub(crate) fn new() -> Self {
        let idle = Snapshot { state: State::Idle, since: Instant::now(), agent_id: None, trouble: None };
        Self(Arc::new(Shared { now: watch::Sender::new(idle), counters: Counters::default() }))
    }

    /// How it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.0.now.borrow().clone()
    }

    /// Tells of every change; of those that follow quickly on each other only the last may be seen.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Snapshot> {
        self.0.now.subscribe()
    }

    /// What has happened since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    pub(crate) fn set_state(&self, state: State) {
        self.0.now.send_modify(|now| {
            if matches!(state, State::Connected(_)) {
                now.trouble = None;
            }
            (now.state, now.since) = (state, Instant::now());
        });
    }

    pub(crate) fn set_agent_id(&self, id: &str) {
        self.0.now.send_modify(|now| now.agent_id = Some(id.into()));
    }

    /// Counts what went wrong, shows it, and says it once for as long as it is the same.
    pub(crate) fn add_trouble(&self, manager: &str, trouble: Trouble) {
        self.0.counters.add_failure(trouble.kind());
        let error = trouble.explain();
        if self.snapshot().trouble.is_some_and(|before| before.explain() == error) {
            tracing::debug!(manager, error, "still not served");
        } else {
            tracing::warn!(manager, error, help = trouble.help(), "not served by a manager");
        }
        let trouble = Arc::new(trouble);
        self.0.now.send_modify(|now| now.trouble = Some(trouble));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_that_serves_us_ends_the_trouble() {
        let status = Status::new();
        status.add_trouble("m:1514", Trouble::Silent);
        status.add_trouble("m:1514", Trouble::Silent);
        status.set_state(State::Waiting(Duration::from_secs(1)));
        assert!(matches!(status.snapshot().trouble.as_deref(), Some(Trouble::Silent)));
        status.set_state(State::Connected("m:1514".into()));
        let now = status.snapshot();
        assert!(now.trouble.is_none() && now.is_connected());
        assert_eq!(now.manager(), Some("m:1514"));
        assert_eq!(status.counters().failures(), [("silent", 2)]);
    }
}
