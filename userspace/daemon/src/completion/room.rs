use std::{
    collections::VecDeque,
    iter, mem,
    sync::Arc,
    time::{Duration, Instant},
};

use rampart_enrich::PodDirectory;
use rampart_model::{Completeness, Container, Finding, Process, Subject};

use super::copy::{container_in_pod, marked, with_container};

/// Most findings that wait. What comes beyond is handed on at once, and counted.
pub(super) const MAX_WAITING: usize = 1_024;

/// Most findings that are remembered after they were handed on incomplete, and most bytes of command lines in them. At either
/// bound the oldest is forgotten, and counted.
pub(super) const MAX_REMEMBERED: usize = 4_096;
const MAX_REMEMBERED_BYTES: usize = 16 << 20;

/// How long they are remembered.
pub(super) const KEEP: Duration = Duration::from_hours(1);

/// When the pod is known and the container is not, because it is not among those that the API server tells of: how long the
/// kubelet is given to tell of it. It does so within a second or two of a container's start.
pub(super) const GRACE: Duration = Duration::from_secs(30);

/// What became of findings about pods that were not known at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counters {
    /// Completed before they were handed on.
    pub(super) in_time: u64,
    /// Handed on as they were.
    pub(super) incomplete: u64,
    /// Of these, at once, because too many waited.
    pub(super) unwaited: u64,
    /// Of the incomplete ones, completed since and handed on again.
    pub(super) later: u64,
    /// Of the incomplete ones, not remembered any more.
    pub(super) forgotten: u64,
}

/// Where findings wait for what the API server knows of their pods. Knows no clock.
///
/// Findings of one container are handed on in the order in which they came.
#[derive(Debug)]
pub(super) struct WaitingRoom {
    wait: Duration,
    directory: Arc<PodDirectory>,
    waiting: VecDeque<Waiting>,
    remembered: VecDeque<Remembered>,
    remembered_bytes: usize,
    // When the first of those of which more has become known is to be handed on.
    better: Option<Instant>,
    ready: VecDeque<Finding>,
    counters: Counters,
}

#[derive(Debug)]
struct Waiting {
    until: Instant,
    container: Arc<Container>,
    finding: Finding,
}

/// A finding that was handed on incomplete.
#[derive(Debug)]
struct Remembered {
    until: Instant,
    container: Arc<Container>,
    finding: Finding,
    bytes: usize,
    /// When it is to be handed on again with what is known by then: more than before, though not all.
    better: Option<Instant>,
}

impl WaitingRoom {
    /// Where each waits for at most that long.
    pub(super) fn new(wait: Duration) -> Self {
        Self {
            wait,
            directory: Arc::default(),
            waiting: VecDeque::new(),
            remembered: VecDeque::new(),
            remembered_bytes: 0,
            better: None,
            ready: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Takes in a finding.
    pub(super) fn take(&mut self, finding: Finding, now: Instant) {
        let Some(container) = container_in_pod(&finding).cloned() else {
            return self.ready.push_back(finding);
        };
        if container.is_complete() {
            // Whoever made the finding has heard of the pod before this has.
            self.release(&container);
            return self.ready.push_back(finding);
        }
        if let Some(completed) = self.completed(&container) {
            self.counters.in_time += 1;
            return self.ready.push_back(with_container(finding, &completed));
        }
        let waiting = Waiting { until: now + self.wait, container, finding };
        let is_full = self.waiting.len() >= MAX_WAITING;
        if is_full || self.wait.is_zero() {
            self.counters.unwaited += u64::from(is_full);
            for before in self.extract(&waiting.container.id) {
                self.leave(before, now);
            }
            self.leave(waiting, now);
        } else {
            self.waiting.push_back(waiting);
        }
    }

    /// Takes in what the API server has told by `now`.
    pub(super) fn learn(&mut self, directory: Arc<PodDirectory>, now: Instant) {
        self.directory = directory;
        for waiting in mem::take(&mut self.waiting) {
            if let Some(completed) = self.completed(&waiting.container) {
                self.counters.in_time += 1;
                self.ready.push_back(with_container(waiting.finding, &completed));
            } else {
                self.waiting.push_back(waiting);
            }
        }
        for mut remembered in mem::take(&mut self.remembered) {
            match self.directory.complete(&remembered.container) {
                Some(completed) if completed.is_complete() => self.correct(remembered, completed),
                Some(partly) if has_details(&partly) && !has_details(&remembered.container) => {
                    let due = *remembered.better.get_or_insert(now + GRACE);
                    self.better = Some(self.better.map_or(due, |first| first.min(due)));
                    self.remembered.push_back(remembered);
                }
                _ => self.remembered.push_back(remembered),
            }
        }
    }

    /// Lets go what has waited or was remembered for long enough.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.until <= now) {
            self.leave(waiting, now);
        }
        while self.remembered.front().is_some_and(|oldest| oldest.until <= now) {
            self.forget();
        }
        if self.better.is_some_and(|due| due <= now) {
            self.correct_partly(now);
        }
    }

    /// Lets go all that waits, because nothing more will come.
    pub(super) fn close(&mut self, now: Instant) {
        for waiting in mem::take(&mut self.waiting) {
            self.leave(waiting, now);
        }
    }

    /// What is to be handed on next.
    pub(super) fn next_ready(&mut self) -> Option<Finding> {
        self.ready.pop_front()
    }

    /// When something has waited long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.front().map(|waiting| waiting.until)
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) const fn counters(&self) -> Counters {
        self.counters
    }

    /// All that is to be known of the container, if that is known.
    fn completed(&self, container: &Container) -> Option<Arc<Container>> {
        self.directory.complete(container).filter(Container::is_complete).map(Arc::new)
    }

    /// Completes what waits of that container.
    fn release(&mut self, container: &Arc<Container>) {
        for waiting in self.extract(&container.id) {
            self.counters.in_time += 1;
            self.ready.push_back(with_container(waiting.finding, container));
        }
    }

    fn extract(&mut self, id: &str) -> VecDeque<Waiting> {
        let is_its = |waiting: &Waiting| *waiting.container.id == *id;
        if !self.waiting.iter().any(is_its) {
            return VecDeque::new();
        }
        let (its, others) = mem::take(&mut self.waiting).into_iter().partition(is_its);
        self.waiting = others;
        its
    }

    /// Hands on a finding with what is known by now, and remembers it.
    fn leave(&mut self, waiting: Waiting, now: Instant) {
        self.counters.incomplete += 1;
        let Waiting { mut container, mut finding, .. } = waiting;
        if let Some(partly) = self.directory.complete(&container) {
            container = Arc::new(partly);
            finding = with_container(finding, &container);
        }
        self.ready.push_back(marked(finding.clone(), Completeness::Incomplete));
        let bytes = bytes(&finding);
        self.remembered_bytes += bytes;
        self.remembered.push_back(Remembered { until: now + KEEP, container, finding, bytes, better: None });
        while self.remembered.len() > MAX_REMEMBERED || self.remembered_bytes > MAX_REMEMBERED_BYTES {
            self.forget();
        }
    }

    fn forget(&mut self) {
        if let Some(oldest) = self.remembered.pop_front() {
            self.remembered_bytes -= oldest.bytes;
            self.counters.forgotten += 1;
        }
    }

    /// Hands on for the second time what is no longer remembered.
    fn correct(&mut self, remembered: Remembered, container: Container) {
        self.counters.later += 1;
        self.remembered_bytes -= remembered.bytes;
        let finding = with_container(remembered.finding, &Arc::new(container));
        self.ready.push_back(marked(finding, Completeness::Completed));
    }

    /// The same for those of which no more is to be expected.
    fn correct_partly(&mut self, now: Instant) {
        self.better = None;
        for remembered in mem::take(&mut self.remembered) {
            match (remembered.better, self.directory.complete(&remembered.container)) {
                (Some(due), Some(partly)) if due <= now => self.correct(remembered, partly),
                (due, _) => {
                    let due = due.filter(|due| *due > now);
                    self.better = self.better.into_iter().chain(due).min();
                    self.remembered.push_back(remembered);
                }
            }
        }
    }
}

fn has_details(container: &Container) -> bool {
    container.pod.as_ref().is_some_and(|pod| pod.details.is_some())
}

/// What is large in a finding: command lines, up to 32 KiB each.
fn bytes(finding: &Finding) -> usize {
    let Subject::Runtime { event, .. } = &finding.subject else { return 0 };
    let processes = iter::once(&*event.process).chain(event.process.ancestors());
    processes.map(|process: &Process| process.args.command_line().len()).sum()
}
