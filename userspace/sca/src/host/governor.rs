//! A scan's share of the CPU.

use std::{
    fs,
    num::NonZeroU8,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    param::clock_ticks_per_second,
    time::{ClockId, clock_gettime},
};

/// How long a command runs before it is stopped for the first time, and from then on between two stops. Most are done
/// before, and pay afterwards.
const SLICE: Duration = Duration::from_millis(50);

/// A part of one CPU, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuShare(NonZeroU8);

impl CpuShare {
    /// 1 to 100; none otherwise.
    #[must_use]
    pub const fn percent(percent: u8) -> Option<Self> {
        match NonZeroU8::new(percent) {
            Some(percent) if percent.get() <= 100 => Some(Self(percent)),
            _ => None,
        }
    }

    /// The time over which that much work may be spread at the fastest.
    fn spread(self, work: Duration) -> Duration {
        work.saturating_mul(100) / u32::from(self.0.get())
    }
}

/// Keeps a scan to a share of one CPU: each piece of work is paid for by a pause before the next, so that over any time the
/// scan has used no more than its share and its longest piece. Nothing is saved up while it rests.
#[derive(Debug)]
pub struct Governor {
    share: Option<CpuShare>,
    account: Mutex<Account>,
}

#[derive(Debug, Default)]
struct Account {
    // When all work so far is paid for.
    free_at: Option<Instant>,
    // What the processes that were waited for had used when they were last paid for.
    children: Duration,
}

/// How a command is run and stopped by turns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turns {
    pub(super) run: Duration,
    pub(super) rest: Duration,
}

impl Governor {
    pub(super) fn new(share: Option<CpuShare>) -> Self {
        let account = Account { free_at: None, children: children_used() };
        Self { share, account: Mutex::new(account) }
    }

    /// Whether a scan may take what there is.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        self.share.is_none()
    }

    /// Does a piece of work on this thread, after the pause that earlier pieces cost.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.share.is_none() {
            return work();
        }
        self.rest();
        let (started, before) = (Instant::now(), thread_used());
        let outcome = work();
        self.pay(started, thread_used().saturating_sub(before));
        outcome
    }

    /// Pauses until all work so far is paid for.
    pub fn rest(&self) {
        let free_at = self.account.lock().unwrap_or_else(PoisonError::into_inner).free_at;
        if let Some(pause) = free_at.and_then(|free| free.checked_duration_since(Instant::now())) {
            thread::sleep(pause);
        }
    }

    /// Puts down work that began at `started` and used `cpu`, whoever did it.
    pub fn pay(&self, started: Instant, cpu: Duration) {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        self.add(&mut account, started, cpu);
    }

    /// Puts down what the processes have used that were waited for since the last time.
    pub(super) fn pay_children(&self, started: Instant) {
        if self.share.is_none() {
            return;
        }
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let used = children_used();
        let cpu = used.saturating_sub(account.children);
        account.children = account.children.max(used);
        self.add(&mut account, started, cpu);
    }

    pub(super) fn turns(&self) -> Option<Turns> {
        let share = self.share?;
        Some(Turns { run: SLICE, rest: share.spread(SLICE).saturating_sub(SLICE) })
    }

    fn add(&self, account: &mut Account, started: Instant, cpu: Duration) {
        let Some(share) = self.share else { return };
        let from = account.free_at.map_or(started, |free| free.max(started));
        account.free_at = from.checked_add(share.spread(cpu));
    }
}

fn thread_used() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// The kernel adds these up exactly and tells of them in ticks: sums of differences are right, however short the pieces.
fn children_used() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    ticks(&stat, 16, 17)
}

/// CPU time of a process that has ended and was not waited for yet, and of those that it waited for itself.
pub(super) fn process_used(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    ticks(&stat, 14, 17)
}

/// The sum of fields of /proc/PID/stat, by their numbers in proc_pid_stat(5).
fn ticks(stat: &str, first: usize, last: usize) -> Duration {
    // The second field is a name in parentheses, which may hold spaces.
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: u64 = fields
        .skip(first.saturating_sub(3))
        .take(last - first + 1)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks.saturating_mul(1000) / clock_ticks_per_second().max(1))
}
