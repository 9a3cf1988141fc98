use std::collections::VecDeque;

use rampart_policy::limit;
use rustc_hash::FxHashMap;

/// The matches of one group within the timespan.
#[derive(Debug, Default)]
pub(super) struct Window {
    // By time.
    entries: VecDeque<Entry>,
    // How many entries there are of each `what`.
    counts: FxHashMap<u64, u32>,
    sum: i128,
}

/// One match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Nanoseconds since 1970.
    time: i64,
    /// What is kept of it: a rule's number, a value's hash, or a number's bits.
    pub(super) what: u64,
}

impl Window {
    /// Takes in a match and leaves out what is older than the cut-off; tells how many were left out for want of room.
    pub(super) fn take(&mut self, time: i64, what: u64, cutoff: i64) -> u64 {
        // Matches come nearly in order: events of several processors may pass each other.
        let later = self.entries.iter().rev().take_while(|entry| entry.time > time).count();
        self.entries.insert(self.entries.len() - later, Entry { time, what });
        *self.counts.entry(what).or_default() += 1;
        self.sum += i128::from(what.cast_signed());
        while self.entries.front().is_some_and(|entry| entry.time < cutoff) {
            self.leave_out_first();
        }
        // One more than can be asked for, so that "more than" can hold.
        let beyond = self.entries.len().saturating_sub(limit::CORRELATION_MATCHES + 1);
        for _ in 0..beyond {
            self.leave_out_first();
        }
        beyond as u64
    }

    fn leave_out_first(&mut self) {
        let Some(Entry { what, .. }) = self.entries.pop_front() else { return };
        self.sum -= i128::from(what.cast_signed());
        if let Some(count) = self.counts.get_mut(&what) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&what);
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// When the first of them was.
    pub(super) fn first(&self) -> Option<i64> {
        self.entries.front().map(|entry| entry.time)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().copied()
    }

    /// How many different ones there are.
    pub(super) fn distinct(&self) -> usize {
        self.counts.len()
    }

    pub(super) fn has(&self, what: u64) -> bool {
        self.counts.contains_key(&what)
    }

    pub(super) const fn sum(&self) -> i128 {
        self.sum
    }
}
