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

/// How long a command runs before it is looked at for the first time, and from then on between two looks. Most are done
/// before, and pay afterwards.
const TURN: Duration = Duration::from_millis(50);

/// The longest pause at a time, so that a command that has been greedy is not stopped for minutes.
const PAUSE: Duration = Duration::from_secs(1);

/// Processes of one command that are looked at.
const PROCESSES: usize = 256;

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

/// How a command is stopped while it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turns {
    share: CpuShare,
    started: Instant,
    /// How long it runs between two looks.
    pub(super) turn: Duration,
}

impl Turns {
    /// The pause that a command owes, in view of what it and its descendants have used. Where the kernel does not tell, they
    /// are taken to have worked all the time that they `ran`.
    pub(super) fn owed(&self, pid: u32, ran: Duration) -> Duration {
        let used = family_used(pid).unwrap_or(ran);
        self.share.spread(used).saturating_sub(self.started.elapsed()).min(PAUSE)
    }
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
        Some(Turns { share: self.share?, started: Instant::now(), turn: TURN })
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

/// CPU time of a process that was not waited for yet, and of those that it waited for itself.
pub(super) fn process_used(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    ticks(&stat, 14, 17)
}

/// CPU time of a process that runs, and of all below it.
fn family_used(pid: u32) -> Option<Duration> {
    let mut family = vec![pid];
    let mut used = Duration::ZERO;
    let mut seen = 0;
    while let Some(pid) = family.pop() {
        seen += 1;
        if seen > PROCESSES {
            return None;
        }
        used += process_used(pid);
        match fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) {
            Ok(children) => family.extend(children.split(' ').filter_map(|pid| pid.parse::<u32>().ok())),
            // Gone meanwhile, or a kernel that does not list them.
            Err(_) if seen == 1 => return None,
            Err(_) => {}
        }
    }
    Some(used)
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
