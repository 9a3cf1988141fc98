use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rampart_model::Finding;

use crate::{Encode, Message, Outbox, Receiver};

/// Most findings handed to a sink at once.
const BATCH: usize = 256;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Longest pause that the other side can ask for.
const LONGEST_WISH: Duration = Duration::from_mins(10);

/// Why a sink did not take messages.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It may take them later.
    #[error("not now: {error}")]
    Retryable {
        /// Why.
        #[source]
        error: io::Error,
        /// When to ask again, where the other side has said so.
        after: Option<Duration>,
    },
    /// The first `count` messages are refused for what they are: they would be refused for ever.
    #[error("refused: {error}")]
    Refused {
        /// How many.
        count: usize,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// It will never take anything again.
    #[error("for good: {0}")]
    Permanent(#[source] io::Error),
}

impl SinkError {
    /// It may take them later, whenever that is.
    #[must_use]
    pub const fn retryable(error: io::Error) -> Self {
        Self::Retryable { error, after: None }
    }
}

/// Where messages go. Keeping, retries and counters are the driver's, not the sink's.
pub trait Sink: Send {
    /// Takes some messages from the front, at least one of those that it is offered, and tells how many.
    ///
    /// # Errors
    /// [`SinkError`] says what is to become of them: nothing was taken, or it may be offered again all the same.
    fn send(&mut self, messages: &[Arc<Message>]) -> impl Future<Output = Result<usize, SinkError>> + Send;
}

/// What became of messages at one sink, and how it is now.
#[derive(Debug, Default)]
pub struct SinkState {
    delivered: AtomicU64,
    retries: AtomicU64,
    refused: AtomicU64,
    trouble: Mutex<Option<Arc<str>>>,
}

impl SinkState {
    /// Messages taken.
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Attempts that were repeated.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Messages refused for what they are, and so lost.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Why nothing is taken now; none while all is well.
    pub fn trouble(&self) -> Option<Arc<str>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts messages that have arrived.
    pub fn add_delivered(&self, count: usize) {
        self.delivered.fetch_add(count as u64, Ordering::Relaxed);
        self.set_trouble(None);
    }

    /// Counts an attempt that is to be repeated, and why.
    pub fn add_retry(&self, why: &str) {
        self.retries.fetch_add(1, Ordering::Relaxed);
        self.set_trouble(Some(why.into()));
    }

    /// Counts messages that nobody will ever take.
    pub fn add_refused(&self, count: usize) {
        self.refused.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Says why nothing is taken now, or that all is well.
    pub fn set_trouble(&self, trouble: Option<Arc<str>>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Feeds a sink from its outbox until that is closed and empty. Messages are confirmed when they are taken, or refused.
///
/// # Errors
/// [`SinkError::Permanent`] as soon as the sink says so.
pub async fn drive(
    name: &str,
    sink: &mut impl Sink,
    outbox: &mut Outbox,
    state: &SinkState,
) -> Result<(), SinkError> {
    outbox.rewind();
    loop {
        let messages = outbox.next().await;
        if messages.is_empty() {
            return Ok(());
        }
        deliver(name, sink, &messages, state, |count| outbox.confirm(count)).await?;
    }
}

/// Feeds a sink with findings as they come, kept nowhere, until their channel is closed and empty. What holds up the sink
/// holds up who makes them. `told` learns of each finding that has arrived.
///
/// # Errors
/// [`SinkError::Permanent`] as soon as the sink says so.
pub async fn drive_direct(
    name: &str,
    sink: &mut (impl Sink + Encode),
    findings: &mut Receiver<Arc<Finding>>,
    state: &SinkState,
    told: impl Fn(&Message),
) -> Result<(), SinkError> {
    loop {
        let findings = findings.next_many(BATCH).await;
        if findings.is_empty() {
            return Ok(());
        }
        let messages: Vec<_> =
            findings.iter().filter_map(|finding| sink.message(finding)).map(Arc::new).collect();
        deliver(name, sink, &messages, state, |_| {}).await?;
        for message in &messages {
            told(message);
        }
    }
}

async fn deliver(
    name: &str,
    sink: &mut impl Sink,
    mut messages: &[Arc<Message>],
    state: &SinkState,
    mut confirm: impl FnMut(usize),
) -> Result<(), SinkError> {
    let mut pause = FIRST_PAUSE;
    while !messages.is_empty() {
        let gone = match sink.send(messages).await {
            Ok(count) => {
                pause = FIRST_PAUSE;
                state.add_delivered(count);
                count
            }
            Err(SinkError::Refused { count, error }) => {
                tracing::error!(sink = name, %error, count, "findings are refused for what they are, and lost");
                state.add_refused(count);
                count
            }
            Err(error @ SinkError::Permanent(_)) => return Err(error),
            Err(SinkError::Retryable { error, after }) => {
                tracing::warn!(sink = name, %error, "findings are held back");
                state.add_retry(&error.to_string());
                // Who says "at once" and refuses again is not asked without end.
                tokio::time::sleep(after.map_or(pause, |after| after.min(LONGEST_WISH).max(pause))).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                continue;
            }
        };
        // A sink that takes nothing and has no error would be asked for ever.
        let gone = gone.clamp(1, messages.len());
        confirm(gone);
        messages = messages.get(gone..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rampart_testkit::sample;

    use super::*;
    use crate::{Overflow, channel};

    /// Does what it is told, and then takes two at a time.
    struct Moody {
        moods: Vec<SinkError>,
        taken: usize,
    }

    impl Encode for Moody {
        fn encode(&self, _finding: &Finding) -> Option<Box<[u8]>> {
            Some(Box::default())
        }
    }

    impl Sink for Moody {
        async fn send(&mut self, messages: &[Arc<Message>]) -> Result<usize, SinkError> {
            if let Some(error) = self.moods.pop() {
                return Err(error);
            }
            let count = messages.len().min(2);
            self.taken += count;
            Ok(count)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_held_back_is_offered_again_and_what_is_refused_is_not() {
        let (sender, mut receiver) = channel("test", 8, Overflow::Block);
        for _ in 0..5 {
            sender.send(Arc::new(sample::finding())).await.unwrap();
        }
        drop(sender);
        let refusal = || SinkError::retryable(io::ErrorKind::ConnectionRefused.into());
        let bad = SinkError::Refused { count: 1, error: io::ErrorKind::InvalidData.into() };
        let mut sink = Moody { moods: vec![bad, refusal(), refusal(), refusal()], taken: 0 };
        let state = SinkState::default();
        drive_direct("moody", &mut sink, &mut receiver, &state, |_| {}).await.unwrap();
        assert_eq!((sink.taken, state.delivered(), state.retries(), state.refused()), (4, 4, 3, 1));
        assert_eq!(state.trouble(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wish_makes_a_pause_longer_and_never_shorter() {
        for (wish, least) in [(None, FIRST_PAUSE), (Some(0), FIRST_PAUSE), (Some(60), Duration::from_mins(1))]
        {
            let error = io::ErrorKind::ConnectionRefused.into();
            let after = wish.map(Duration::from_secs);
            let mut sink = Moody { moods: vec![SinkError::Retryable { error, after }], taken: 0 };
            let message = sink.message(&sample::finding()).map(Arc::new).unwrap();
            let begin = tokio::time::Instant::now();
            deliver("moody", &mut sink, &[message], &SinkState::default(), |_| {}).await.unwrap();
            let took = begin.elapsed();
            assert!(took >= least && took < least * 2, "{wish:?}: {took:?}");
        }
    }
}
