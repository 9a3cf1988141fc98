use std::sync::Arc;

use rampart_model::Finding;

use crate::{Closed, Sender};

/// Gives every finding to every sink's channel.
#[derive(Debug, Clone, Default)]
pub struct FanOut {
    sinks: Vec<Sender<Arc<Finding>>>,
}

impl FanOut {
    /// To those sinks.
    #[must_use]
    pub const fn new(sinks: Vec<Sender<Arc<Finding>>>) -> Self {
        Self { sinks }
    }

    /// Publishes from a thread that may block. A sink that is gone does not keep the others from theirs.
    ///
    /// # Errors
    /// [`Closed`] when no sink is left.
    pub fn publish_blocking(&mut self, finding: Finding) -> Result<(), Closed> {
        let finding = Arc::new(finding);
        self.sinks.retain(|sink| sink.send_blocking(Arc::clone(&finding)).is_ok());
        if self.sinks.is_empty() { Err(Closed("findings")) } else { Ok(()) }
    }

    /// Publishes from a task. A sink that is gone does not keep the others from theirs.
    ///
    /// # Errors
    /// [`Closed`] when no sink is left.
    pub async fn publish(&mut self, finding: Finding) -> Result<(), Closed> {
        let finding = Arc::new(finding);
        let mut left = Vec::with_capacity(self.sinks.len());
        for sink in &self.sinks {
            if sink.send(Arc::clone(&finding)).await.is_ok() {
                left.push(sink.clone());
            }
        }
        self.sinks = left;
        if self.sinks.is_empty() { Err(Closed("findings")) } else { Ok(()) }
    }

    /// Findings that full channels have dropped, by sink.
    pub fn dropped(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.sinks.iter().map(|sink| (sink.name(), sink.dropped()))
    }
}
