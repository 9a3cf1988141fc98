use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// In place of a time: nothing is to be heard.
const AT_REST: u64 = u64::MAX;

/// A thread's sign of life. Cheap enough to be given at each turn of a loop.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    name: &'static str,
    patience: Duration,
    start: Instant,
    /// Milliseconds from the start to the last beat.
    last: Arc<AtomicU64>,
}

impl Heartbeat {
    pub(super) fn new(name: &'static str, patience: Duration) -> Self {
        Self { name, patience, start: Instant::now(), last: Arc::default() }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Gives a sign of life.
    pub fn beat(&self) {
        self.last.store(millis(self.start.elapsed()), Ordering::Relaxed);
    }

    /// Says that nothing is to be heard before the next beat: the thread has ended, or waits for what may take any time.
    pub fn rest(&self) {
        self.last.store(AT_REST, Ordering::Relaxed);
    }

    /// How long nothing was heard, where that is longer than it should be.
    pub(super) fn overdue(&self, now: Instant) -> Option<Duration> {
        let last = self.last.load(Ordering::Relaxed);
        if last == AT_REST {
            return None;
        }
        let silence = now.saturating_duration_since(self.start).saturating_sub(Duration::from_millis(last));
        (silence > self.patience).then_some(silence)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(AT_REST - 1)
}
