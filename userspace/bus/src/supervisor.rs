use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How often each task was restarted.
#[derive(Debug, Clone, Default)]
pub struct Restarts(Arc<Mutex<BTreeMap<Arc<str>, u64>>>);

impl Restarts {
    /// Names with their counts.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Arc<str>, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, name: &Arc<str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(Arc::clone(name)).or_default() += 1;
    }
}

/// Keeps tasks running: one that fails or panics is started again after a pause that doubles, while the others
/// go on.
#[derive(Debug, Default)]
pub struct Supervisor {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    restarts: Restarts,
}

impl Supervisor {
    /// Asked for by every task that should end with the others.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// How often tasks were restarted.
    #[must_use]
    pub fn restarts(&self) -> Restarts {
        self.restarts.clone()
    }

    /// Runs `task` again and again until it ends without an error, or the stop token is cancelled while it is down.
    pub fn supervise<F, E>(&mut self, name: impl Into<Arc<str>>, mut task: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let (name, stop, restarts) = (name.into(), self.stop.clone(), self.restarts.clone());
        self.tasks.spawn(async move {
            let mut pause = FIRST_PAUSE;
            loop {
                // On a task of its own, so that a panic ends the attempt and not the supervision.
                let mut attempt = JoinSet::new();
                let began = Instant::now();
                attempt.spawn(task());
                match attempt.join_next().await {
                    None | Some(Ok(Ok(()))) => return,
                    Some(Ok(Err(error))) => tracing::error!(task = &*name, %error, "a task failed"),
                    Some(Err(error)) => tracing::error!(task = &*name, %error, "a task panicked"),
                }
                restarts.add(&name);
                // What has run for long is not what has failed at every attempt.
                if began.elapsed() > LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        });
    }

    /// Waits until all tasks have ended by themselves, at most for `patience`, and cuts off those that have
    /// not. Tells whether all had.
    pub async fn finish(mut self, patience: Duration) -> bool {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        tokio::time::timeout(patience, all).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn failures_and_panics_are_restarted_and_counted() {
        let mut supervisor = Supervisor::default();
        let restarts = supervisor.restarts();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        supervisor.supervise("shaky", move || {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert_ne!(run, 1, "the second run panics");
                if run == 0 { Err("the first run fails") } else { Ok(()) }
            }
        });
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(supervisor.finish(Duration::from_secs(1)).await);
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        assert_eq!(restarts.counts(), BTreeMap::from([("shaky".into(), 2)]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_end_is_cut_off() {
        let mut supervisor = Supervisor::default();
        supervisor.supervise("deaf", || async {
            std::future::pending::<()>().await;
            Ok::<(), &str>(())
        });
        assert!(!supervisor.finish(Duration::from_secs(1)).await);
    }
}
