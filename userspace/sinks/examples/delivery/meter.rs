//! Clocks and memory.

use std::{fs, time::Instant};

use rustix::time::{ClockId, clock_gettime};

/// From its start on: the wall's time and the process's.
pub(crate) struct Meter {
    wall: Instant,
    process: f64,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), process: seconds(ClockId::ProcessCPUTime) }
    }

    pub(crate) fn wall_seconds(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    pub(crate) fn process_seconds(&self) -> f64 {
        seconds(ClockId::ProcessCPUTime) - self.process
    }
}

/// Processor time of this thread since it began.
pub(crate) fn thread_seconds() -> f64 {
    seconds(ClockId::ThreadCPUTime)
}

/// The most memory that this process has held, in KiB.
pub(crate) fn peak_kibibytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|value| value.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a measurement")]
fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
