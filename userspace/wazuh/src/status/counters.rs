use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// One count, from the start of the client.
#[derive(Debug, Default)]
pub struct Tally(AtomicU64);

impl Tally {
    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// Counts by a name out of a fixed set.
#[derive(Debug, Default)]
struct Named(Mutex<BTreeMap<&'static str, u64>>);

impl Named {
    fn add(&self, name: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
    }

    fn all(&self) -> Vec<(&'static str, u64)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(name, count)| (*name, *count))
            .collect()
    }
}

/// What has happened since the client was made.
#[derive(Debug, Default)]
pub struct Counters {
    /// Times that a manager has acknowledged us.
    pub connections: Tally,
    /// Keys that were given to us.
    pub enrolments: Tally,
    /// Messages of all kinds that were made ready for a manager.
    pub frames_sent: Tally,
    /// Bytes that were written to managers.
    pub bytes_sent: Tally,
    /// Messages from managers.
    pub frames_received: Tally,
    /// Events written; one that is repeated after a loss counts again.
    pub events_sent: Tally,
    /// Events that a manager has taken for certain.
    pub events_confirmed: Tally,
    /// Events longer than the protocol can carry, and so lost.
    pub events_too_long: Tally,
    /// Messages about the present state: nobody keeps these, they are made anew for every connection.
    pub state_messages: Tally,
    /// Keepalives sent.
    pub keepalives: Tally,
    /// Keepalives that were answered.
    pub acknowledgements: Tally,
    /// Answers to nothing.
    pub stray_acknowledgements: Tally,
    /// Shared files received, whole and with the sum that was announced.
    pub shared_files: Tally,
    failures: Named,
    ignored: Named,
}

impl Counters {
    /// Failures by [`kind`](super::Trouble::kind).
    #[must_use]
    pub fn failures(&self) -> Vec<(&'static str, u64)> {
        self.failures.all()
    }

    /// Commands of a manager that were not carried out, by kind: `active_response`, `request`, `sync`, `sca_dump`, `error`,
    /// `shared_file`, `unknown`.
    #[must_use]
    pub fn ignored(&self) -> Vec<(&'static str, u64)> {
        self.ignored.all()
    }

    pub(crate) fn add_failure(&self, kind: &'static str) {
        self.failures.add(kind);
    }

    pub(crate) fn add_ignored(&self, kind: &'static str) {
        self.ignored.add(kind);
    }
}
