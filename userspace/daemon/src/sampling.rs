//! Looking at all processes from time to time, on a thread of its own: where there are many it takes a while, and the
//! pipeline must not wait for it.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rampart_bus::{Overflow, Receiver, Sender, channel};
use rampart_enrich::{Busy, CpuSampler, CpuThreshold};

/// Busy processes between the two threads. When they are full the looking waits.
const FOUND: usize = 64;

/// The pipeline's end of it.
pub(crate) struct Sampling {
    found: Receiver<Busy>,
    orders: Arc<Orders>,
    made: u64,
}

/// What the thread is to do, and what it has counted.
#[derive(Debug, Default)]
struct Orders {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    wanted: bool,
    ended: bool,
    unfollowed: u64,
}

impl Sampling {
    /// Starts the thread; it waits until it is wanted.
    pub(crate) fn start(proc_root: PathBuf, threshold: CpuThreshold) -> anyhow::Result<Self> {
        let (sender, found) = channel("busy", FOUND, Overflow::Block);
        let orders = Arc::<Orders>::default();
        let looking = Looking {
            sampler: CpuSampler::new(proc_root, threshold),
            interval: Duration::from_nanos(threshold.interval_ns),
            orders: Arc::clone(&orders),
            found: sender,
        };
        thread::Builder::new()
            .name("sampler".to_owned())
            .spawn(move || looking.run())
            .context("starting the sampler")?;
        Ok(Self { found, orders, made: 0 })
    }

    /// Whether anybody wants to hear of busy processes from now on.
    pub(crate) fn want(&self, wanted: bool) {
        self.orders.change(|state| state.wanted = wanted);
    }

    /// A process that has been found busy since, if there is one.
    pub(crate) fn take(&mut self) -> Option<Busy> {
        let busy = self.found.take_waiting()?;
        self.made += 1;
        Some(busy)
    }

    /// How many have been taken.
    pub(crate) const fn made(&self) -> u64 {
        self.made
    }

    /// How many processes could not be followed, counted at each look.
    pub(crate) fn unfollowed(&self) -> u64 {
        self.orders.state.lock().unwrap_or_else(PoisonError::into_inner).unfollowed
    }
}

impl Drop for Sampling {
    /// Nobody waits for the thread: it has nothing to finish.
    fn drop(&mut self) {
        self.orders.change(|state| state.ended = true);
    }
}

impl Orders {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until it is time to look: at once if that is wanted again after a while, else after the interval. Says
    /// whether what was seen before is still of use; nothing when it is all over.
    fn wait(&self, interval: Duration) -> Option<bool> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |state: &mut State| state.wanted && !state.ended;
        let (state, _) =
            self.changed.wait_timeout_while(state, interval, goes_on).unwrap_or_else(PoisonError::into_inner);
        let was_wanted = state.wanted;
        let idle = |state: &mut State| !state.wanted && !state.ended;
        let state = self.changed.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner);
        (!state.ended).then_some(was_wanted)
    }
}

/// The thread.
struct Looking {
    sampler: CpuSampler,
    interval: Duration,
    orders: Arc<Orders>,
    found: Sender<Busy>,
}

impl Looking {
    fn run(mut self) {
        let begin = Instant::now();
        let clock = || u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        while let Some(goes_on) = self.orders.wait(self.interval) {
            if !goes_on {
                self.sampler.forget();
            }
            for busy in self.sampler.look(clock) {
                if self.found.send_blocking(busy).is_err() {
                    return;
                }
            }
            let unfollowed = self.sampler.unfollowed();
            self.orders.change(|state| state.unfollowed = unfollowed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy_within(sampling: &mut Sampling, time: Duration) -> Option<Busy> {
        let begin = Instant::now();
        while begin.elapsed() < time {
            if let Some(busy) = sampling.take() {
                return Some(busy);
            }
            thread::sleep(Duration::from_millis(1));
        }
        None
    }

    #[test]
    fn it_looks_only_while_that_is_wanted() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("7")).unwrap();
        // Always as busy as the threshold asks for: nothing at all.
        let line = "7 (a) R 1 7 7 0 -1 0 1 0 0 0 9000 0 0 0 20 0 1 0 1 1 1\n";
        std::fs::write(root.path().join("7/stat"), line).unwrap();
        let threshold = CpuThreshold { percent: 0, span_ns: 1, interval_ns: 5_000_000 };
        let mut sampling = Sampling::start(root.path().to_owned(), threshold).unwrap();
        assert_eq!(busy_within(&mut sampling, Duration::from_millis(50)), None);
        sampling.want(true);
        let found = busy_within(&mut sampling, Duration::from_mins(1)).unwrap();
        assert_eq!((found.process.pid, sampling.made()), (7, 1));
        sampling.want(false);
        thread::sleep(Duration::from_millis(20));
        while sampling.take().is_some() {}
        // Of what was seen before nothing is left: it is told anew.
        sampling.want(true);
        assert!(busy_within(&mut sampling, Duration::from_mins(1)).is_some());
    }
}
