use std::collections::VecDeque;

use tokio::time::{Duration, Instant};

use crate::Limits;

/// Most keepalives without an answer.
const WAITING: usize = 8;

/// Events have no acknowledgement in this protocol, keepalives have. So a keepalive is sent now and then as a checkpoint: when it
/// is acknowledged, the manager has taken all that was written before it. Acknowledgements have no number: the first one is
/// for the first keepalive.
#[derive(Debug)]
pub(super) struct Checkpoints {
    waiting: VecDeque<Checkpoint>,
    /// Events behind the last one, and their bytes before they were sealed.
    behind: usize,
    bytes_behind: usize,
    begun: Instant,
    last: Option<Instant>,
}

#[derive(Debug)]
struct Checkpoint {
    /// Events before it, and behind the one before it.
    events: usize,
    /// Where it ends among all bytes of the connection.
    end: u64,
    /// When it was written whole: the answer is due from then on.
    written: Option<Instant>,
}

impl Checkpoints {
    /// Of a connection that begins now.
    pub(super) const fn new(now: Instant) -> Self {
        Self { waiting: VecDeque::new(), behind: 0, bytes_behind: 0, begun: now, last: None }
    }

    /// An event of so many bytes was added.
    pub(super) const fn add_event(&mut self, bytes: usize) {
        self.behind += 1;
        self.bytes_behind = self.bytes_behind.saturating_add(bytes);
    }

    /// A keepalive was added; it ends at `end`.
    pub(super) fn add(&mut self, now: Instant, end: u64) {
        self.waiting.push_back(Checkpoint { events: self.behind, end, written: None });
        (self.behind, self.bytes_behind) = (0, 0);
        self.last = Some(now);
    }

    /// All bytes before `position` are written.
    pub(super) fn written(&mut self, now: Instant, position: u64) {
        // The last one was mostly marked before: what is before it was as well.
        let new = self.waiting.iter_mut().rev().skip_while(|checkpoint| checkpoint.end > position);
        for checkpoint in new.take_while(|checkpoint| checkpoint.written.is_none()) {
            checkpoint.written = Some(now);
        }
    }

    /// An acknowledgement: how many events it confirms; none if nothing was to be acknowledged.
    pub(super) fn acknowledge(&mut self) -> Option<usize> {
        self.waiting.pop_front().map(|checkpoint| checkpoint.events)
    }

    /// Whether so much is behind the last one that another is needed now.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        let is_much = self.behind >= limits.checkpoint_events || self.bytes_behind >= limits.checkpoint_bytes;
        is_much && self.waiting.len() < WAITING
    }

    /// When the next keepalive is to be sent, as far as time decides that. `hurry` for the last one.
    pub(super) fn due(&self, limits: &Limits, hurry: bool) -> Option<Instant> {
        let Some(last) = self.last else { return Some(self.begun) };
        if self.waiting.len() >= WAITING {
            return None;
        }
        Some(match (self.behind, hurry) {
            (1.., true) => last,
            (1.., false) if self.waiting.is_empty() => last + limits.checkpoint.min(limits.notify),
            _ => last + limits.notify,
        })
    }

    /// When the manager is lost, if it has not acknowledged until then.
    pub(super) fn overdue(&self, response: Duration) -> Option<Instant> {
        self.waiting.front().and_then(|checkpoint| checkpoint.written).map(|written| written + response)
    }

    /// Whether everything is confirmed.
    pub(super) fn is_empty(&self) -> bool {
        self.behind == 0 && self.waiting.iter().all(|checkpoint| checkpoint.events == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: fn() -> Limits = Limits::default;

    #[tokio::test(start_paused = true)]
    async fn an_acknowledgement_confirms_what_was_before_its_keepalive() {
        let mut checkpoints = Checkpoints::new(Instant::now());
        assert_eq!(checkpoints.acknowledge(), None);
        for events in [0, 3, 2] {
            (0..events).for_each(|_| checkpoints.add_event(0));
            checkpoints.add(Instant::now(), 0);
        }
        checkpoints.add_event(0);
        assert_eq!([(); 4].map(|()| checkpoints.acknowledge()), [Some(0), Some(3), Some(2), None]);
        assert!(!checkpoints.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_keepalive_is_due_at_the_start_soon_after_events_and_else_now_and_then() {
        let limits = LIMITS();
        let (mut checkpoints, start) = (Checkpoints::new(Instant::now()), Instant::now());
        assert_eq!(checkpoints.due(&limits, false), Some(start));
        checkpoints.add(start, 0);
        assert_eq!(checkpoints.due(&limits, false), Some(start + limits.notify));
        checkpoints.add_event(0);
        assert_eq!(checkpoints.due(&limits, false), Some(start + limits.notify), "the last has no answer");
        assert_eq!(checkpoints.due(&limits, true), Some(start));
        checkpoints.acknowledge();
        assert_eq!(checkpoints.due(&limits, false), Some(start + limits.checkpoint));
    }

    #[tokio::test(start_paused = true)]
    async fn many_events_need_a_keepalive_at_once_but_not_without_end() {
        let limits = Limits { checkpoint_events: 2, ..LIMITS() };
        let mut checkpoints = Checkpoints::new(Instant::now());
        for _ in 0..WAITING {
            checkpoints.add_event(0);
            assert!(!checkpoints.is_full(&limits));
            checkpoints.add_event(0);
            assert!(checkpoints.is_full(&limits));
            checkpoints.add(Instant::now(), 0);
        }
        (0..9).for_each(|_| checkpoints.add_event(0));
        assert!(!checkpoints.is_full(&limits));
        assert_eq!(checkpoints.due(&limits, true), None);
    }

    /// What is given unconfirmed is bounded in bytes, too: long events must not wait for the time.
    #[tokio::test(start_paused = true)]
    async fn long_events_need_a_keepalive_sooner() {
        let limits = LIMITS();
        let mut checkpoints = Checkpoints::new(Instant::now());
        for _ in 0..3 {
            let length = 60_000;
            let mut events = 0;
            while !checkpoints.is_full(&limits) {
                checkpoints.add_event(length);
                events += 1;
            }
            assert_eq!(events, limits.checkpoint_bytes.div_ceil(length));
            checkpoints.add(Instant::now(), 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_due_from_when_its_keepalive_was_written() {
        let (limits, start) = (LIMITS(), Instant::now());
        let mut checkpoints = Checkpoints::new(Instant::now());
        for end in [10, 20, 30] {
            checkpoints.add(start, end);
        }
        for (seconds, position, due) in [(1, 9, None), (2, 20, Some(2)), (3, 29, Some(2)), (4, 99, Some(2))] {
            checkpoints.written(start + Duration::from_secs(seconds), position);
            let due = due.map(|due| start + Duration::from_secs(due) + limits.response);
            assert_eq!(checkpoints.overdue(limits.response), due);
        }
        let written = |checkpoint: &Checkpoint| checkpoint.written.unwrap() - start;
        let written: Vec<_> =
            checkpoints.waiting.iter().map(|checkpoint| written(checkpoint).as_secs()).collect();
        assert_eq!(written, [2, 2, 4]);
    }
}
