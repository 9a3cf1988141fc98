//! What comes of one look at a process after the other: no clock, no files.

use rampart_model::{CpuUsage, ProcessKey};
use rustc_hash::FxHashMap;

use super::CpuThreshold;

/// Most processes that are followed. Those that come beyond are counted, and followed when others have ended.
pub const MAX_FOLLOWED: usize = 16_384;

/// After so long a process that has been busy all the time is told again.
const TELL_AGAIN_NS: u64 = 3_600_000_000_000;

/// The kernel cuts both of a process's times, its own code's and the kernel's, to ticks.
const CUT_NS: u64 = 2 * ProcessKey::TICK_NS;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// One look at one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) process: ProcessKey,
    /// All the processor time that it has used since it began.
    pub(super) used_ns: u64,
}

/// Follows processes from one look to the next.
#[derive(Debug)]
pub(super) struct Follower {
    threshold: CpuThreshold,
    tracks: FxHashMap<ProcessKey, Track>,
    round: u64,
    unfollowed: u64,
}

/// What is known of one process.
#[derive(Debug)]
struct Track {
    last: Point,
    /// Where it began to be busy, if it is.
    since: Option<Point>,
    told_ns: Option<u64>,
    round: u64,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    at_ns: u64,
    used_ns: u64,
}

impl Follower {
    pub(super) fn new(threshold: CpuThreshold) -> Self {
        Self { threshold, tracks: FxHashMap::default(), round: 0, unfollowed: 0 }
    }

    /// Takes in a look at a process, at that time by any clock that goes on evenly; gives what there is to tell of it:
    /// once when it has been busy for as long as is asked for, and again when that has lasted very much longer. What
    /// is not busy any more begins anew.
    pub(super) fn look(&mut self, sample: Sample, now_ns: u64) -> Option<CpuUsage> {
        let Self { threshold, round, .. } = *self;
        let now = Point { at_ns: now_ns, used_ns: sample.used_ns };
        let Some(track) = self.tracks.get_mut(&sample.process) else {
            self.follow(sample.process, now);
            return None;
        };
        track.round = round;
        let last = std::mem::replace(&mut track.last, now);
        if !threshold.is_busy(last, now) {
            track.since = None;
            track.told_ns = None;
            return None;
        }
        let since = *track.since.get_or_insert(last);
        let is_due = match track.told_ns {
            None => now_ns.saturating_sub(since.at_ns) >= threshold.span_ns,
            Some(told_ns) => now_ns.saturating_sub(told_ns) >= TELL_AGAIN_NS.max(threshold.span_ns),
        };
        if !is_due {
            return None;
        }
        track.told_ns = Some(now_ns);
        Some(usage(since, now))
    }

    /// Ends a look at all processes: those that it did not come by have ended.
    pub(super) fn end_round(&mut self) {
        let round = self.round;
        self.tracks.retain(|_, track| track.round == round);
        self.round += 1;
    }

    /// Forgets what was seen, but not what was counted.
    pub(super) fn forget(&mut self) {
        self.tracks.clear();
    }

    /// Processes that were not followed because there were too many, counted at each look.
    pub(super) const fn unfollowed(&self) -> u64 {
        self.unfollowed
    }

    /// What has not used in all its life what makes one interval busy is left for later: thousands of processes that
    /// sleep must not take the room of one that does not.
    fn follow(&mut self, process: ProcessKey, now: Point) {
        let Self { threshold, round, .. } = *self;
        if now.used_ns.saturating_add(CUT_NS) < threshold.share(threshold.interval_ns) {
            return;
        }
        if self.tracks.len() >= MAX_FOLLOWED {
            self.unfollowed += 1;
            return;
        }
        self.tracks.insert(process, Track { last: now, since: None, told_ns: None, round });
    }
}

impl CpuThreshold {
    fn is_busy(self, last: Point, now: Point) -> bool {
        let elapsed_ns = now.at_ns.saturating_sub(last.at_ns);
        let used_ns = now.used_ns.saturating_sub(last.used_ns);
        elapsed_ns > 0 && used_ns.saturating_add(CUT_NS) >= self.share(elapsed_ns)
    }

    /// What a busy process uses of a time at the least.
    const fn share(self, elapsed_ns: u64) -> u64 {
        (elapsed_ns / 100).saturating_mul(self.percent as u64)
    }
}

fn usage(since: Point, now: Point) -> CpuUsage {
    let elapsed_ns = now.at_ns.saturating_sub(since.at_ns).max(1);
    let used_ns = now.used_ns.saturating_sub(since.used_ns);
    let percent = (u128::from(used_ns) * 100 + u128::from(elapsed_ns / 2)) / u128::from(elapsed_ns);
    CpuUsage {
        percent: u32::try_from(percent).unwrap_or(u32::MAX),
        seconds: u32::try_from(elapsed_ns / NANOS_PER_SECOND).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests;
