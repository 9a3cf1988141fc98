use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Notify, mpsc};

use crate::Message;

/// Most messages offered to a sink that it has not confirmed: they are held in memory.
pub const WINDOW: usize = 2048;

/// Most messages that [`Outbox::next`] gives at once.
const BATCH: usize = 256;

/// The sink's end: messages in order, each until it is confirmed.
#[derive(Debug)]
pub struct Outbox {
    queue: mpsc::Receiver<Arc<Message>>,
    /// Offered, the oldest first; the first `given` of them were given since the last rewind.
    unconfirmed: VecDeque<Arc<Message>>,
    given: usize,
    confirmed: Arc<AtomicU64>,
    changed: Arc<Notify>,
}

/// The keeper's end: offers messages, and learns which were confirmed.
#[derive(Debug)]
pub struct Dispatch {
    queue: mpsc::Sender<Arc<Message>>,
    confirmed: Arc<AtomicU64>,
}

/// Both ends. `changed` is notified at every confirmation.
#[must_use]
pub fn outbox(changed: Arc<Notify>) -> (Outbox, Dispatch) {
    let (sender, receiver) = mpsc::channel(WINDOW);
    let confirmed = Arc::<AtomicU64>::default();
    let outbox = Outbox {
        queue: receiver,
        unconfirmed: VecDeque::new(),
        given: 0,
        confirmed: Arc::clone(&confirmed),
        changed,
    };
    (outbox, Dispatch { queue: sender, confirmed })
}

impl Outbox {
    /// Waits for messages that were not given since the last rewind: at least one, in order; none when there are no more and
    /// nobody will offer any. Nothing is lost when it is cancelled.
    pub async fn next(&mut self) -> Vec<Arc<Message>> {
        if self.given == self.unconfirmed.len() {
            let Some(first) = self.queue.recv().await else { return Vec::new() };
            self.unconfirmed.push_back(first);
            while self.unconfirmed.len() < self.given + BATCH {
                let Ok(more) = self.queue.try_recv() else { break };
                self.unconfirmed.push_back(more);
            }
        }
        let messages = self.unconfirmed.iter().skip(self.given).take(BATCH);
        let messages: Vec<_> = messages.cloned().collect();
        self.given += messages.len();
        messages
    }

    /// The first `count` of those that were given and not confirmed need not be kept any more.
    pub fn confirm(&mut self, count: usize) {
        let count = count.min(self.given);
        self.given -= count;
        self.unconfirmed.drain(..count);
        self.confirmed.fetch_add(count as u64, Ordering::Release);
        self.changed.notify_one();
    }

    /// What was given and not confirmed is given again.
    pub const fn rewind(&mut self) {
        self.given = 0;
    }

    /// How many were given and not confirmed.
    #[must_use]
    pub const fn unconfirmed(&self) -> usize {
        self.given
    }
}

impl Dispatch {
    /// Offers the next message. Tells whether there was room.
    #[must_use]
    pub fn offer(&self, message: Arc<Message>) -> bool {
        self.queue.try_send(message).is_ok()
    }

    /// Whether nobody will ever take what is offered.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// How many were confirmed, in the order in which they were offered.
    #[must_use]
    pub fn confirmed(&self) -> u64 {
        self.confirmed.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use rampart_model::{Severity, Timestamp};

    use super::*;

    fn message(number: u64) -> Arc<Message> {
        let body = number.to_string().into_bytes().into();
        Arc::new(Message { time: Timestamp::EPOCH, severity: Severity::Low, body })
    }

    async fn next(outbox: &mut Outbox) -> Vec<String> {
        let text = |message: &Arc<Message>| String::from_utf8_lossy(&message.body).into_owned();
        outbox.next().await.iter().map(text).collect()
    }

    #[tokio::test]
    async fn what_is_not_confirmed_is_given_again_in_order() {
        let (mut outbox, dispatch) = outbox(Arc::default());
        for number in 1..=5 {
            assert!(dispatch.offer(message(number)));
        }
        assert_eq!(next(&mut outbox).await, ["1", "2", "3", "4", "5"]);
        outbox.confirm(2);
        assert_eq!((dispatch.confirmed(), outbox.unconfirmed()), (2, 3));
        outbox.rewind();
        assert!(dispatch.offer(message(6)));
        assert_eq!(next(&mut outbox).await, ["3", "4", "5"]);
        assert_eq!(next(&mut outbox).await, ["6"]);
        outbox.confirm(9);
        assert_eq!((dispatch.confirmed(), outbox.unconfirmed()), (6, 0));
        drop(dispatch);
        assert!(next(&mut outbox).await.is_empty());
    }

    #[tokio::test]
    async fn a_full_window_is_told() {
        let (_outbox, dispatch) = outbox(Arc::default());
        let numbers = (1..).take_while(|number| dispatch.offer(message(*number)));
        assert_eq!(numbers.count(), WINDOW);
    }
}
