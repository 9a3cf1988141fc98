use std::time::Duration;

/// Pauses between attempts, each about twice as long as the one before, and never quite as long as somebody else's.
#[derive(Debug, Clone)]
pub(crate) struct Pause {
    first: Duration,
    next: Duration,
    longest: Duration,
}

impl Pause {
    pub(crate) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, next: first, longest }
    }

    /// All is well: the next one is short again.
    pub(crate) const fn reset(&mut self) {
        self.next = self.first;
    }

    /// How long to wait now: between half of it and all of it.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause.mul_f64(f64::midpoint(1.0, fastrand::f64()))
    }
}

/// Any time up to the longest, so that many who have heard the same at once do not all ask at once.
pub(crate) fn spread(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_begin_anew() {
        let mut pause = Pause::new(Duration::from_millis(200), Duration::from_secs(5));
        for expected in [200, 400, 800, 1600, 3200, 5000, 5000, 5000] {
            let taken = pause.next().as_millis();
            assert!((expected / 2..=expected).contains(&taken), "{taken} ms instead of {expected} ms");
        }
        pause.reset();
        assert!(pause.next() <= Duration::from_millis(200));
    }

    #[test]
    fn many_who_have_heard_the_same_come_at_different_times() {
        let longest = Duration::from_secs(2);
        let mut pauses: Vec<Duration> = (0..64).map(|_| spread(longest)).collect();
        pauses.sort_unstable();
        assert!(
            pauses[0] < longest / 4 && pauses[63] > longest / 4 * 3 && pauses[63] <= longest,
            "{pauses:?}"
        );
    }
}
