use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rampart_model::Finding;

use crate::Receiver;

/// Most findings handed to a sink at once.
const BATCH: usize = 256;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Why a sink did not take findings.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It may take them later.
    #[error("not now: {0}")]
    Retryable(#[source] std::io::Error),
    /// It will never take anything again.
    #[error("for good: {0}")]
    Permanent(#[source] std::io::Error),
}

/// Where findings go. Batching, retries and counters are the driver's, not the sink's.
pub trait Sink: Send {
    /// For counters and messages.
    fn name(&self) -> &'static str;

    /// Takes findings, all or none.
    ///
    /// # Errors
    /// [`SinkError`] says whether to try the same again.
    fn send(&mut self, findings: &[Arc<Finding>]) -> impl Future<Output = Result<(), SinkError>> + Send;
}

/// What became of findings at one sink.
#[derive(Debug, Default)]
pub struct SinkCounters {
    delivered: AtomicU64,
    retries: AtomicU64,
}

impl SinkCounters {
    /// Findings taken.
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Attempts that were repeated.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }
}

/// Feeds a sink until its channel is closed and empty.
///
/// # Errors
/// [`SinkError::Permanent`] as soon as the sink says so.
pub async fn drive(
    sink: &mut impl Sink,
    findings: &mut Receiver<Arc<Finding>>,
    counters: &SinkCounters,
) -> Result<(), SinkError> {
    loop {
        let batch = findings.next_many(BATCH).await;
        if batch.is_empty() {
            return Ok(());
        }
        let mut pause = FIRST_PAUSE;
        while let Err(error) = sink.send(&batch).await {
            if matches!(error, SinkError::Permanent(_)) {
                return Err(error);
            }
            tracing::warn!(sink = sink.name(), %error, "findings are held back");
            counters.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        counters.delivered.fetch_add(batch.len() as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rampart_testkit::sample;

    use super::*;
    use crate::{Overflow, channel};

    /// Refuses as often as told, then takes.
    struct Moody {
        refusals: u32,
        taken: usize,
    }

    impl Sink for Moody {
        fn name(&self) -> &'static str {
            "moody"
        }

        async fn send(&mut self, findings: &[Arc<Finding>]) -> Result<(), SinkError> {
            if self.refusals > 0 {
                self.refusals -= 1;
                return Err(SinkError::Retryable(io::ErrorKind::ConnectionRefused.into()));
            }
            self.taken += findings.len();
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_is_offered_again() {
        let (sender, mut receiver) = channel("test", 8, Overflow::Block);
        for finding in [sample::finding(), sample::finding()] {
            sender.send(Arc::new(finding)).await.unwrap();
        }
        drop(sender);
        let (mut sink, counters) = (Moody { refusals: 3, taken: 0 }, SinkCounters::default());
        drive(&mut sink, &mut receiver, &counters).await.unwrap();
        assert_eq!((sink.taken, counters.delivered(), counters.retries()), (2, 2, 3));
    }
}
