//! Between the pipeline and the sinks: findings about pods that the API server has not told of yet wait here for a moment,
//! and are told once more when it does so later.

mod copy;
mod room;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};

use rampart_bus::{FanOut, Overflow, Receiver, Sender, Supervisor, channel};
use rampart_enrich::PodDirectory;
use rampart_model::Finding;
use rampart_telemetry::Metrics;
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, MissedTickBehavior, sleep_until},
};

use self::room::WaitingRoom;

/// Findings between the pipeline and this. When they are full the pipeline waits.
const FINDINGS: usize = 1024;

/// Between two looks at what has been remembered for too long.
const PAUSE: Duration = Duration::from_secs(1);

/// What completes findings by the pods that the API server tells of.
pub(crate) struct Completion {
    findings: Receiver<Arc<Finding>>,
    directories: watch::Receiver<Arc<PodDirectory>>,
    room: WaitingRoom,
    fan_out: FanOut,
    metrics: Metrics,
}

impl Completion {
    /// Hands on to `fan_out` what is put into the one that it gives back; a finding waits for at most `wait`.
    pub(crate) fn new(
        fan_out: FanOut,
        directories: watch::Receiver<Arc<PodDirectory>>,
        wait: Duration,
        metrics: Metrics,
    ) -> (Self, FanOut) {
        let (sender, findings): (Sender<Arc<Finding>>, _) = channel("completion", FINDINGS, Overflow::Block);
        let room = WaitingRoom::new(wait);
        (Self { findings, directories, room, fan_out, metrics }, FanOut::new(vec![sender]))
    }

    /// Runs until nobody puts findings in any more; what waits then is handed on as it is.
    pub(crate) fn supervise(self, supervisor: &mut Supervisor) {
        let shared = Arc::new(Mutex::new(self));
        supervisor.supervise("completion", move || {
            let shared = Arc::clone(&shared);
            async move {
                let mut completion = shared.lock().await;
                completion.run().await;
                // Who waits for the end of all findings must not wait for ours.
                completion.fan_out = FanOut::default();
                Ok::<(), Infallible>(())
            }
        });
    }

    async fn run(&mut self) {
        let mut ticks = tokio::time::interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.room.due().map(Instant::from_std);
            let mut ended = false;
            tokio::select! {
                finding = self.findings.next() => match finding {
                    Some(finding) => self.room.take(Arc::unwrap_or_clone(finding), now()),
                    None => ended = true,
                },
                directory = changed(&mut self.directories) => self.room.learn(directory, now()),
                () = until(due) => {}
                _ = ticks.tick() => {}
            }
            if ended {
                self.room.close(now());
            }
            self.room.expire(now());
            self.publish().await;
            self.account();
            if ended {
                return;
            }
        }
    }

    async fn publish(&mut self) {
        while let Some(finding) = self.room.next_ready() {
            if self.fan_out.publish(finding).await.is_err() {
                tracing::debug!("a finding has no sink left to go to");
            }
        }
    }

    fn account(&self) {
        let counters = self.room.counters();
        self.metrics.findings_waiting(self.room.waiting());
        self.metrics.findings_unwaited(counters.unwaited);
        for (result, total) in [
            ("in_time", counters.in_time),
            ("later", counters.later),
            ("incomplete", counters.incomplete),
            ("forgotten", counters.forgotten),
        ] {
            self.metrics.findings_completed(result, total);
        }
    }
}

/// The next directory; never where there will be none any more.
async fn changed(directories: &mut watch::Receiver<Arc<PodDirectory>>) -> Arc<PodDirectory> {
    if directories.changed().await.is_err() {
        pending::<()>().await;
    }
    Arc::clone(&directories.borrow_and_update())
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

/// By the clock that tests can hold.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}
