//! Pauses between attempts.

use std::{fmt, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

/// Pauses that double, each with up to its own length added by chance, so that the agents of a whole cluster do not come
/// back to a manager in the same moment.
pub(crate) struct Backoff {
    builder: ExponentialBuilder,
    pauses: ExponentialBackoff,
}

impl Backoff {
    /// Pauses from `first` (and less than twice that) to at most `longest`.
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        let most = (longest / 2).max(first);
        let builder = ExponentialBuilder::new()
            .with_min_delay(first)
            .with_max_delay(most)
            .without_max_times()
            .with_jitter();
        Self { builder, pauses: builder.build() }
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        // It has no end: it was built without one.
        self.pauses.next().unwrap_or_default()
    }

    /// All is well: the next pause is the first again.
    pub(crate) fn reset(&mut self) {
        self.pauses = self.builder.build();
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Backoff").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_again() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_mins(1));
        for _ in 0..2 {
            for least in [1, 2, 4, 8, 16, 30, 30] {
                let (least, pause) = (Duration::from_secs(least), backoff.pause());
                assert!((least..=least * 2).contains(&pause), "{pause:?} is not near {least:?}");
            }
            backoff.reset();
        }
    }
}
