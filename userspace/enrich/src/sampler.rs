//! Which processes keep a processor busy, by looking at all of them from time to time.

mod follower;
mod reading;

use std::path::PathBuf;

use rampart_model::{CpuUsage, ProcessKey, text};

pub use self::follower::MAX_FOLLOWED;
use self::{follower::Follower, reading::Stats};

/// What is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuThreshold {
    /// From so much of one processor on, in percent, in every interval between two looks.
    pub percent: u32,
    /// For at least so long without a break.
    pub span_ns: u64,
    /// Time between two looks.
    pub interval_ns: u64,
}

/// A process that keeps a processor busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Which.
    pub process: ProcessKey,
    /// The kernel's name for it.
    pub name: Box<str>,
    /// How busy.
    pub usage: CpuUsage,
}

/// Looks at all processes of a proc file system.
#[derive(Debug)]
pub struct CpuSampler {
    stats: Stats,
    follower: Follower,
}

impl CpuSampler {
    /// Follows nobody yet.
    #[must_use]
    pub fn new(proc_root: PathBuf, threshold: CpuThreshold) -> Self {
        Self { stats: Stats::new(proc_root), follower: Follower::new(threshold) }
    }

    /// Looks once at every process, and gives those of which there is something to tell: each once when it has been busy
    /// for as long as is asked for, and again an hour later if that has not ended. `clock` gives nanoseconds by
    /// any clock that goes on evenly.
    pub fn look(&mut self, clock: impl Fn() -> u64) -> Vec<Busy> {
        let mut found = Vec::new();
        let Self { stats, follower } = self;
        stats.each(|sample, name| {
            if let Some(usage) = follower.look(sample, clock()) {
                found.push(Busy { process: sample.process, name: text(name), usage });
            }
        });
        follower.end_round();
        found
    }

    /// Forgets all that it has seen: for when it is not to look for a while.
    pub fn forget(&mut self) {
        self.follower.forget();
    }

    /// Processes that were not followed because there were too many ([`MAX_FOLLOWED`]), counted at each look.
    #[must_use]
    pub const fn unfollowed(&self) -> u64 {
        self.follower.unfollowed()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn write(root: &Path, pid: u32, name: &str, flags: u32, ticks: u64, start: u64) {
        let folder = root.join(pid.to_string());
        fs::create_dir_all(&folder).unwrap();
        let line =
            format!("{pid} ({name}) R 1 7 7 0 -1 {flags} 1 0 0 0 {ticks} 0 0 0 20 0 1 0 {start} 1 1\n");
        fs::write(folder.join("stat"), line).unwrap();
    }

    #[test]
    fn busy_processes_are_found_whatever_they_are_called() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("uptime"), "1 1").unwrap();
        let threshold = CpuThreshold { percent: 90, span_ns: 2 * SECOND, interval_ns: SECOND };
        let mut sampler = CpuSampler::new(root.path().to_owned(), threshold);
        let mut told = Vec::new();
        for second in 1..=4 {
            write(root.path(), 10, "idle", 0x40_0000, 500, 1);
            write(root.path(), 11, "a) S 1 (b", 0x40_0000, 100 * second, 1);
            // One of the kernel's own, and one that is always another.
            write(root.path(), 12, "kworker", 0x20_8040, 100 * second, 1);
            write(root.path(), 13, "short", 0x40_0000, 100 * second, second);
            told.extend(sampler.look(|| second * SECOND));
        }
        let usage = CpuUsage { percent: 100, seconds: 2 };
        let process = ProcessKey::new(11, ProcessKey::TICK_NS);
        assert_eq!(told, [Busy { process, name: "a) S 1 (b".into(), usage }]);
    }

    /// This process is busy while the test looks, and the machine has others that come and go.
    #[test]
    fn the_real_proc_file_system_can_be_read() {
        let threshold = CpuThreshold { percent: 1, span_ns: 1, interval_ns: 1 };
        let mut sampler = CpuSampler::new("/proc".into(), threshold);
        let begin = std::time::Instant::now();
        let clock = || u64::try_from(begin.elapsed().as_nanos()).unwrap();
        let own = std::process::id();
        while !sampler.look(clock).iter().any(|busy| busy.process.pid == own) {
            assert!(begin.elapsed().as_secs() < 60);
        }
    }
}
