use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::mpsc;

/// What happens when a channel is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// The sender waits. What feeds the sender must then be able to hold back.
    Block,
    /// What comes is dropped, and counted.
    DropNewest,
}

/// The other end is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the receiver of channel `{0}` is gone")]
pub struct Closed(pub &'static str);

/// Puts things into a channel. Clones put them into the same.
#[derive(Debug, Clone)]
pub struct Sender<T> {
    name: &'static str,
    overflow: Overflow,
    dropped: Arc<AtomicU64>,
    queue: mpsc::Sender<T>,
}

/// Takes things out of a channel.
#[derive(Debug)]
pub struct Receiver<T> {
    queue: mpsc::Receiver<T>,
}

/// A channel that holds at most `capacity` things (at least 1).
#[must_use]
pub fn channel<T>(name: &'static str, capacity: usize, overflow: Overflow) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    (Sender { name, overflow, dropped: Arc::default(), queue: sender }, Receiver { queue: receiver })
}

impl<T> Sender<T> {
    /// Sends from a thread that may block.
    ///
    /// # Errors
    /// [`Closed`] when nobody will ever take it.
    pub fn send_blocking(&self, thing: T) -> Result<(), Closed> {
        match self.overflow {
            Overflow::Block => self.queue.blocking_send(thing).map_err(|_| Closed(self.name)),
            Overflow::DropNewest => self.try_send(thing),
        }
    }

    /// Sends from a task.
    ///
    /// # Errors
    /// [`Closed`] when nobody will ever take it.
    pub async fn send(&self, thing: T) -> Result<(), Closed> {
        match self.overflow {
            Overflow::Block => self.queue.send(thing).await.map_err(|_| Closed(self.name)),
            Overflow::DropNewest => self.try_send(thing),
        }
    }

    fn try_send(&self, thing: T) -> Result<(), Closed> {
        match self.queue.try_send(thing) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Closed(self.name)),
        }
    }

    /// The channel's name, for counters and messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How much was dropped since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl<T> Receiver<T> {
    /// Waits for the next thing; none when all senders are gone and the channel is empty.
    pub async fn next(&mut self) -> Option<T> {
        self.queue.recv().await
    }

    /// Waits for the next thing on a thread that may block.
    pub fn next_blocking(&mut self) -> Option<T> {
        self.queue.blocking_recv()
    }

    /// The next thing that waits already.
    pub fn take_waiting(&mut self) -> Option<T> {
        self.queue.try_recv().ok()
    }

    /// Waits for at least one thing and takes up to `limit`; empty when all senders are gone.
    pub async fn next_many(&mut self, limit: usize) -> Vec<T> {
        let mut things = Vec::new();
        self.queue.recv_many(&mut things, limit).await;
        things
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_channel_drops_and_counts() {
        let (sender, mut receiver) = channel("test", 2, Overflow::DropNewest);
        for number in 0..5 {
            sender.send(number).await.unwrap();
        }
        assert_eq!(sender.dropped(), 3);
        assert_eq!(receiver.next_many(10).await, [0, 1]);
        drop(receiver);
        assert_eq!(sender.send(9).await, Err(Closed("test")));
    }

    #[tokio::test]
    async fn a_blocking_channel_loses_nothing() {
        let (sender, mut receiver) = channel("test", 2, Overflow::Block);
        let send = async move {
            for number in 0..100 {
                sender.send(number).await.unwrap();
            }
            sender.dropped()
        };
        let receive = async move {
            let mut taken = Vec::new();
            while let Some(number) = receiver.next().await {
                taken.push(number);
            }
            taken
        };
        let (dropped, taken) = tokio::join!(send, receive);
        assert_eq!((dropped, taken), (0, (0..100).collect::<Vec<_>>()));
    }
}
