use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rampart_model::Severity;

use super::tally::{Tally, rank};

/// How the spool is, for whoever asks.
#[derive(Debug, Default)]
pub struct SpoolState {
    lanes: Vec<Arc<LaneState>>,
    write_errors: AtomicU64,
    trouble: Mutex<Option<Arc<str>>>,
}

/// How one sink's queue is.
#[derive(Debug)]
pub struct LaneState {
    name: Arc<str>,
    messages: AtomicU64,
    bytes: AtomicU64,
    in_memory: AtomicU64,
    dropped: [AtomicU64; Severity::ALL.len()],
}

impl SpoolState {
    pub(super) fn of(lanes: Vec<Arc<LaneState>>) -> Self {
        Self { lanes, ..Self::default() }
    }

    /// The queues, in the order in which they were given.
    #[must_use]
    pub fn lanes(&self) -> &[Arc<LaneState>] {
        &self.lanes
    }

    /// How often something could not be written.
    #[must_use]
    pub fn write_errors(&self) -> u64 {
        self.write_errors.load(Ordering::Relaxed)
    }

    /// Why nothing is written now; none while all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<Arc<str>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn add_error(&self, error: &str) {
        self.write_errors.fetch_add(1, Ordering::Relaxed);
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.into());
    }

    /// Tells whether there was trouble before.
    pub(super) fn set_well(&self) -> bool {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }
}

impl LaneState {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            messages: AtomicU64::default(),
            bytes: AtomicU64::default(),
            in_memory: AtomicU64::default(),
            dropped: Default::default(),
        }
    }

    /// The sink's name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Messages that have not arrived, those in memory included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages.load(Ordering::Acquire)
    }

    /// Bytes of those.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Messages that are not on disk.
    #[must_use]
    pub fn in_memory(&self) -> u64 {
        self.in_memory.load(Ordering::Relaxed)
    }

    /// Messages of a severity that were dropped because there was no room.
    #[must_use]
    pub fn dropped(&self, severity: Severity) -> u64 {
        self.dropped.get(usize::from(rank(severity))).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(super) fn add_dropped(&self, dropped: &Tally) {
        for severity in Severity::ALL {
            if let Some(count) = self.dropped.get(usize::from(rank(severity))) {
                count.fetch_add(dropped.of(severity).messages, Ordering::Relaxed);
            }
        }
    }

    /// Who reads the sum first, and then what is in memory only, never takes what is there for what is on disk.
    pub(super) fn set_held(&self, disk: &Tally, memory: &Tally) {
        self.in_memory.store(memory.messages(), Ordering::Relaxed);
        self.bytes.store(disk.bytes() + memory.bytes(), Ordering::Relaxed);
        self.messages.store(disk.messages() + memory.messages(), Ordering::Release);
    }
}
