use std::{sync::Arc, time::Duration};

use rampart_bus::{CancellationToken, Encode, Outbox, Receiver, outbox};
use rampart_model::{Finding, Severity, Timestamp};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    lane::{Queue, Written},
    limits::Limits,
    state::{LaneState, SpoolState},
};
use crate::{Store, StoreError};

/// Most findings that are taken in at once.
const BATCH: usize = 256;

/// From one transaction to the next, unless a whole batch waits: each costs the disk a flush. What comes after a pause is
/// written at once.
const PACE: Duration = Duration::from_millis(50);

/// How long what has arrived may stay on disk, and how many: it is sent twice after a crash.
const REMOVAL_PAUSE: Duration = Duration::from_secs(1);
const REMOVALS: usize = 1024;

/// What must have been on disk for the file to be made smaller, in bytes: that takes a moment.
const SHRINK_BYTES: u64 = 16 * 1024 * 1024;

/// Between attempts to write, while the disk takes nothing.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A sink's queue, as it is to be.
pub struct Lane {
    /// The sink's name: what is kept for it is kept by this.
    pub name: Arc<str>,
    /// The mildest findings that it gets, but for those that it [needs](Encode::is_needed).
    pub minimum: Severity,
    /// Makes its messages.
    pub encoder: Box<dyn Encode>,
    /// How much it may hold.
    pub limits: Limits,
}

/// Keeps what is to go out.
pub struct Keeper {
    store: Arc<Store>,
    queues: Vec<Queue>,
    names: Vec<Arc<str>>,
    state: Arc<SpoolState>,
    changed: Arc<Notify>,
    /// The next attempt to write while the disk takes nothing, and the pause after it.
    retry: Option<(Instant, Duration)>,
    removal: Option<Instant>,
    /// No transaction for a few findings before this.
    paced: Option<Instant>,
    /// Which opening of the file the queues know.
    opened: u64,
    /// On disk since the file was last made smaller, in bytes.
    most_held: u64,
    /// When to try to read again.
    reading: Option<Instant>,
}

impl Keeper {
    /// With a queue for each sink; gives each sink's outbox in the order of the lanes.
    #[must_use]
    pub fn new(store: Arc<Store>, lanes: Vec<Lane>) -> (Self, Vec<Outbox>) {
        let changed = Arc::<Notify>::default();
        let (mut queues, mut outboxes, mut states, mut names) = (vec![], vec![], vec![], vec![]);
        for Lane { name, minimum, encoder, limits } in lanes {
            let (outbox, dispatch) = outbox(Arc::clone(&changed));
            let state = Arc::new(LaneState::new(Arc::clone(&name)));
            queues.push(Queue::new(&name, minimum, encoder, limits, Arc::clone(&state), dispatch));
            outboxes.push(outbox);
            states.push(state);
            names.push(name);
        }
        let state = Arc::new(SpoolState::of(states));
        (
            Self {
                store,
                queues,
                names,
                state,
                changed,
                retry: None,
                removal: None,
                paced: None,
                opened: 0,
                most_held: 0,
                reading: None,
            },
            outboxes,
        )
    }

    /// How it is.
    #[must_use]
    pub fn state(&self) -> Arc<SpoolState> {
        Arc::clone(&self.state)
    }

    /// Runs until no more findings can come and all have arrived, or until it is told to stop: then what has not arrived is
    /// kept for the next run. `told` learns of each message that has arrived: the sink, and when what it reports happened.
    /// Blocks its thread while it reads and writes.
    pub async fn run(
        mut self,
        mut findings: Receiver<Arc<Finding>>,
        stop: CancellationToken,
        mut told: impl FnMut(&str, Timestamp) + Send,
    ) {
        let mut open = true;
        while open || !(stop.is_cancelled() || self.queues.iter().all(Queue::is_done)) {
            self.turn(open, &mut told);
            let due = self.due();
            tokio::select! {
                batch = findings.next_many(BATCH), if open => {
                    open = !batch.is_empty();
                    for finding in batch {
                        self.queues.iter_mut().for_each(|queue| queue.take(&finding));
                    }
                }
                () = self.changed.notified() => {}
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                // Whoever still holds the other end may be held up itself; what has come by now is kept.
                () = stop.cancelled() => {
                    while let Some(finding) = findings.take_waiting() {
                        self.queues.iter_mut().for_each(|queue| queue.take(&finding));
                    }
                    open = false;
                }
            }
        }
        self.settle(&mut told);
        self.write();
        self.queues.iter().for_each(Queue::account);
    }

    fn due(&self) -> Option<Instant> {
        // While the disk takes nothing, nothing is removed from it either.
        let (removal, paced) = match self.retry {
            Some((at, _)) => (Some(at), None),
            None => (self.removal, self.paced.filter(|_| self.queues.iter().any(Queue::has_unwritten))),
        };
        removal.into_iter().chain(self.reading).chain(paced).min()
    }

    fn turn(&mut self, open: bool, told: &mut impl FnMut(&str, Timestamp)) {
        let now = Instant::now();
        self.settle(told);
        let removals: usize = self.queues.iter().map(Queue::removals).sum();
        if removals > 0 && self.removal.is_none() {
            self.removal = Some(now + REMOVAL_PAUSE);
        }
        let paced = open && self.paced.is_some_and(|at| at > now);
        let wanted = self.queues.iter().any(Queue::has_batch)
            || (!paced && self.queues.iter().any(Queue::has_unwritten))
            || self.queues.iter().any(Queue::is_unknown)
            // Also with nothing to write it is to be known whether that could be.
            || self.state.trouble().is_some()
            || removals >= REMOVALS
            || self.removal.is_some_and(|at| at <= now);
        match self.retry {
            Some((at, _)) if at > now => self.queues.iter_mut().for_each(Queue::not_written),
            _ if wanted => self.write(),
            _ => self.retry = None,
        }
        self.advance(now);
        self.queues.iter().for_each(Queue::account);
    }

    fn settle(&mut self, told: &mut impl FnMut(&str, Timestamp)) {
        for (queue, name) in self.queues.iter_mut().zip(&self.names) {
            queue.settle(|time| told(name, time));
        }
    }

    fn advance(&mut self, now: Instant) {
        if self.reading.is_some_and(|at| at <= now) {
            self.reading = None;
        }
        let mut failure = None;
        let (may_read, unwritten) = (self.reading.is_none(), self.retry.is_some());
        for queue in &mut self.queues {
            failure = queue.advance(&self.store, may_read, unwritten).err().or(failure);
        }
        if let Some(error) = failure {
            self.failed(&error);
            self.reading = Some(now + FIRST_PAUSE);
        }
    }

    fn write(&mut self) {
        self.removal = None;
        self.paced = Some(Instant::now() + PACE);
        match self.transaction() {
            Ok(written) => {
                self.retry = None;
                if self.state.set_well() {
                    tracing::info!("findings are kept on disk again");
                }
                for (queue, written) in self.queues.iter_mut().zip(&written) {
                    queue.committed(written);
                }
                self.shrink();
            }
            Err(error) => {
                self.failed(&error);
                let pause = self.retry.map_or(FIRST_PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
                self.retry = Some((Instant::now() + pause, pause));
                self.queues.iter_mut().for_each(Queue::not_written);
            }
        }
    }

    /// An outage leaves a file as large as all that has waited: of no use when nothing waits any more.
    fn shrink(&mut self) {
        let held = self.queues.iter().map(Queue::bytes_on_disk).sum();
        self.most_held = self.most_held.max(held);
        if held > 0 || self.most_held < SHRINK_BYTES {
            return;
        }
        self.most_held = 0;
        if let Err(error) = self.store.shrink() {
            tracing::warn!(%error, "the store's file stays as large as it is");
        }
    }

    fn transaction(&mut self) -> Result<Vec<Written>, StoreError> {
        let Self { store, queues, opened, .. } = self;
        store.with_opening(|database, opening| {
            for queue in &mut *queues {
                queue.look(database, *opened != opening)?;
            }
            *opened = opening;
            let write = database.begin_write()?;
            let written = queues.iter().map(|queue| queue.write(&write)).collect::<Result<_, _>>()?;
            write.commit()?;
            Ok(written)
        })
    }

    fn failed(&mut self, error: &StoreError) {
        if matches!(error, StoreError::Damaged { .. }) {
            self.queues.iter_mut().for_each(Queue::lost);
        }
        if self.state.trouble().is_none() {
            tracing::error!(
                %error,
                "findings cannot be kept on disk: they are kept in memory, and lost if the agent ends before they have arrived"
            );
        }
        self.state.add_error(&error.to_string());
    }
}
