use std::{
    collections::VecDeque,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use rampart_enrich::PodDirectory;
use rampart_model::{Completeness, Container, Finding};

use super::copy::{Copies, bytes, container_in_pod, marked};

/// Most findings that wait, and most bytes of processes in them. What comes beyond is handed on at once, and counted.
pub(super) const MAX_WAITING: usize = 1_024;
pub(super) const MAX_WAITING_BYTES: usize = 16 << 20;

/// Most findings that are remembered after they were handed on incomplete, and most bytes of processes in them. At either bound
/// the oldest is forgotten, and counted.
pub(super) const MAX_REMEMBERED: usize = 4_096;
pub(super) const MAX_REMEMBERED_BYTES: usize = 16 << 20;

/// How long they are remembered.
pub(super) const KEEP: Duration = Duration::from_hours(1);

/// When the pod is known and the container is not, because it is not among those that the API server tells of: how long the
/// kubelet is given to tell of it. It does so within a second or two of a container's start. Who owns the pod is waited for as
/// long.
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
    waiting_bytes: usize,
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
    bytes: usize,
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
            waiting_bytes: 0,
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
            self.release(&container, &mut Copies::default());
            return self.ready.push_back(finding);
        }
        if let Some(completed) = self.completed(&container) {
            let mut copies = Copies::default();
            // A sandbox is complete with less, and its first findings did not know yet that it is one.
            self.release(&completed, &mut copies);
            self.counters.in_time += 1;
            return self.ready.push_back(copies.with_container(finding, completed));
        }
        let bytes = bytes(&finding);
        let waiting = Waiting { until: now + self.wait, container, finding, bytes };
        let is_full =
            self.waiting.len() >= MAX_WAITING || self.waiting_bytes.saturating_add(bytes) > MAX_WAITING_BYTES;
        if is_full || self.wait.is_zero() || self.has_waited(&waiting.container) {
            self.counters.unwaited += u64::from(is_full);
            let mut copies = Copies::default();
            for before in self.extract(&waiting.container.id) {
                self.leave(before, now, &mut copies);
            }
            self.leave(waiting, now, &mut copies);
        } else {
            self.waiting_bytes += bytes;
            self.waiting.push_back(waiting);
        }
    }

    /// Takes in what the API server has told by `now`.
    pub(super) fn learn(&mut self, directory: Arc<PodDirectory>, now: Instant) {
        self.directory = directory;
        let mut copies = Copies::default();
        for waiting in mem::take(&mut self.waiting) {
            if let Some(completed) = self.completed(&waiting.container) {
                self.counters.in_time += 1;
                self.waiting_bytes -= waiting.bytes;
                self.ready.push_back(copies.with_container(waiting.finding, completed));
            } else {
                self.waiting.push_back(waiting);
            }
        }
        for mut remembered in mem::take(&mut self.remembered) {
            match self.directory.complete(&remembered.container) {
                Some(completed) if completed.is_complete() => {
                    self.correct(remembered, completed, &mut copies);
                }
                Some(partly) if parts(&partly) > parts(&remembered.container) => {
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
        let mut copies = Copies::default();
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.until <= now) {
            self.waiting_bytes -= waiting.bytes;
            self.leave(waiting, now, &mut copies);
        }
        while self.remembered.front().is_some_and(|oldest| oldest.until <= now) {
            self.forget();
        }
        if self.better.is_some_and(|due| due <= now) {
            self.correct_partly(now, &mut copies);
        }
    }

    /// Lets go all that waits, because nothing more will come.
    pub(super) fn close(&mut self, now: Instant) {
        self.waiting_bytes = 0;
        let mut copies = Copies::default();
        for waiting in mem::take(&mut self.waiting) {
            self.leave(waiting, now, &mut copies);
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
    fn completed(&self, container: &Container) -> Option<Container> {
        self.directory.complete(container).filter(Container::is_complete)
    }

    /// Whether all is known but the pod's owner, and a finding of that container has waited for it already. Looking it up may
    /// fail for long, and then the others are not to wait too: they are completed later like that one.
    fn has_waited(&self, container: &Container) -> bool {
        let lacks_only_owner = match self.directory.complete(container) {
            Some(partly) => partly.lacks_only_owner(),
            None => container.lacks_only_owner(),
        };
        let is_its = |one: &Remembered| one.container.id == container.id && one.container.lacks_only_owner();
        lacks_only_owner && self.remembered.iter().any(is_its)
    }

    /// Completes what waits of that container.
    fn release(&mut self, container: &Container, copies: &mut Copies) {
        for waiting in self.extract(&container.id) {
            self.counters.in_time += 1;
            self.ready.push_back(copies.with_container(waiting.finding, container.clone()));
        }
    }

    fn extract(&mut self, id: &str) -> VecDeque<Waiting> {
        let is_its = |waiting: &Waiting| *waiting.container.id == *id;
        if !self.waiting.iter().any(is_its) {
            return VecDeque::new();
        }
        let (its, others): (VecDeque<_>, _) = mem::take(&mut self.waiting).into_iter().partition(is_its);
        self.waiting = others;
        self.waiting_bytes -= its.iter().map(|waiting| waiting.bytes).sum::<usize>();
        its
    }

    /// Hands on a finding with what is known by now, and remembers it.
    fn leave(&mut self, waiting: Waiting, now: Instant, copies: &mut Copies) {
        self.counters.incomplete += 1;
        let Waiting { mut container, mut finding, bytes, .. } = waiting;
        if let Some(partly) = self.directory.complete(&container) {
            finding = copies.with_container(finding, partly);
            container = container_in_pod(&finding).cloned().unwrap_or(container);
        }
        self.ready.push_back(marked(finding.clone(), Completeness::Incomplete));
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
    fn correct(&mut self, remembered: Remembered, container: Container, copies: &mut Copies) {
        self.counters.later += 1;
        self.remembered_bytes -= remembered.bytes;
        let finding = copies.with_container(remembered.finding, container);
        self.ready.push_back(marked(finding, Completeness::Completed));
    }

    /// The same for those of which no more is to be expected.
    fn correct_partly(&mut self, now: Instant, copies: &mut Copies) {
        self.better = None;
        for remembered in mem::take(&mut self.remembered) {
            match (remembered.better, self.directory.complete(&remembered.container)) {
                (Some(due), Some(partly)) if due <= now => self.correct(remembered, partly, copies),
                (due, _) => {
                    let due = due.filter(|due| *due > now);
                    self.better = self.better.into_iter().chain(due).min();
                    self.remembered.push_back(remembered);
                }
            }
        }
    }
}

/// How much is known of what the API server tells: that there is the pod, who owns it, and what the container runs.
fn parts(container: &Container) -> usize {
    let details = container.pod.as_ref().and_then(|pod| pod.details.as_ref());
    let is_owned = details.is_some_and(|details| !details.owner_is_pending);
    [details.is_some(), is_owned, container.image_digest.is_some()].into_iter().filter(|is| *is).count()
}
