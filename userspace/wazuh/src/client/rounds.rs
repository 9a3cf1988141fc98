use std::time::Duration;

use crate::backoff::Backoff;

/// Which manager is next: through the list, and after a whole round without success a pause, and then from the most
/// preferred on.
#[derive(Debug)]
pub(super) struct Rounds {
    count: usize,
    at: usize,
    tried: usize,
    backoff: Backoff,
}

impl Rounds {
    pub(super) fn new(count: usize, backoff: Backoff) -> Self {
        Self { count, at: 0, tried: 0, backoff }
    }

    /// The manager whose turn it is.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The manager whose turn it is does not serve, or does not any more: it is the next one's turn, and after a whole round
    /// there is a pause first. So the one that was lost is not asked again at once: it may still hold our old connection.
    pub(super) fn next(&mut self) -> Option<Duration> {
        self.tried += 1;
        if self.tried >= self.count {
            (self.tried, self.at) = (0, 0);
            return Some(self.backoff.pause());
        }
        self.at = (self.at + 1) % self.count;
        None
    }

    /// The manager whose turn it is has served for a while.
    pub(super) fn settled(&mut self) {
        self.tried = 0;
        self.backoff.reset();
    }

    /// It is this one's turn.
    pub(super) const fn prefer(&mut self, index: usize) {
        self.at = index;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(count: usize) -> Rounds {
        Rounds::new(count, Backoff::new(Duration::from_secs(1), Duration::from_mins(1)))
    }

    #[test]
    fn a_lost_manager_is_followed_by_the_next_at_once() {
        let mut rounds = rounds(3);
        rounds.prefer(1);
        rounds.settled();
        assert_eq!((rounds.next(), rounds.at()), (None, 2));
        assert_eq!((rounds.next(), rounds.at()), (None, 0));
        assert!(rounds.next().is_some());
        assert_eq!(rounds.at(), 0);
    }

    #[test]
    fn pauses_grow_with_rounds_and_begin_again_after_a_success() {
        for count in 1..4 {
            let mut rounds = rounds(count);
            for _ in 0..2 {
                let pauses: Vec<_> = (0..count * 3).filter_map(|_| rounds.next()).collect();
                assert_eq!(pauses.len(), 3);
                assert!(pauses.is_sorted(), "{pauses:?}");
                assert!(pauses.first().is_some_and(|pause| *pause < Duration::from_secs(2)));
                rounds.settled();
            }
        }
    }
}
