use std::{future, pin::Pin};

use tokio::time::{Duration, Instant, sleep_until};

use crate::{ManagerAddress, address::ping};

/// How soon a manager that has answered is asked for the second time.
const AGAIN: Duration = Duration::from_secs(10);

/// Looks for managers that are preferred to the one in use.
pub(super) struct Failback<'a> {
    preferred: &'a [ManagerAddress],
    every: Duration,
    limit: Duration,
    due: Instant,
    answered: Option<usize>,
    probe: Option<Pin<Box<dyn Future<Output = Option<usize>> + Send + 'a>>>,
}

impl<'a> Failback<'a> {
    /// Looks for one of `preferred` each time that `every` is over, or never if that is zero; an answer may take `limit`.
    pub(super) fn new(preferred: &'a [ManagerAddress], every: Duration, limit: Duration) -> Self {
        Self { preferred, every, limit, due: Instant::now() + every, answered: None, probe: None }
    }

    /// Waits until the most preferred one that answers has done so twice in a row: a manager that starts and falls again is
    /// not one to go to. It can be cancelled at any time and goes on where it was.
    pub(super) async fn found(&mut self) -> usize {
        if self.preferred.is_empty() || self.every.is_zero() {
            return future::pending().await;
        }
        loop {
            sleep_until(self.due).await;
            let (preferred, limit) = (self.preferred, self.limit);
            let probe = self.probe.get_or_insert_with(|| Box::pin(first_that_answers(preferred, limit)));
            let answered = probe.await;
            self.probe = None;
            match answered {
                Some(index) if self.answered == answered => return index,
                Some(_) => self.due = Instant::now() + self.every.min(AGAIN),
                None => self.due = Instant::now() + self.every,
            }
            self.answered = answered;
        }
    }
}

async fn first_that_answers(managers: &[ManagerAddress], limit: Duration) -> Option<usize> {
    for (index, manager) in managers.iter().enumerate() {
        if ping(manager, limit).await {
            return Some(index);
        }
    }
    None
}
