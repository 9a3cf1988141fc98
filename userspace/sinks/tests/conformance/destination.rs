use std::{fmt::Debug, sync::Arc};

use rampart_bus::{Encode, Message, Outbox, Sink, SinkState, drive};
use rampart_model::Finding;

/// How a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It takes all.
    Well,
    /// It answers, and takes nothing for now.
    Refusing,
    /// It is not there.
    Unreachable,
    /// It is there and does nothing.
    Stalling,
    /// It goes away in the middle of what it is sent.
    Closing,
}

/// Trouble that a destination can have, and a part of what the sink says of it; none where it is no trouble for the sink.
pub(crate) type Trouble = (Mood, Option<&'static str>);

/// A sink, with what moves messages from an outbox to its destination.
pub(crate) trait Delivery: Debug {
    /// What becomes of a finding.
    fn encoded(&self, finding: &Finding) -> Message;

    /// Delivers all that the outbox gives; what is in the way stands in `state` meanwhile.
    async fn deliver(self, name: &str, outbox: Outbox, state: &Arc<SinkState>);
}

impl<S: Sink + Encode + Debug> Delivery for S {
    fn encoded(&self, finding: &Finding) -> Message {
        self.message(finding).unwrap()
    }

    async fn deliver(mut self, name: &str, mut outbox: Outbox, state: &Arc<SinkState>) {
        drive(name, &mut self, &mut outbox, state).await.unwrap();
    }
}

/// Where a sink's findings go in the test.
pub(crate) trait Destination {
    /// The sink.
    type Sink: Delivery;

    /// What can happen to it.
    const TROUBLES: &[Trouble];

    /// Whether it looks at findings, and refuses one that is poisoned.
    const IS_CHOOSY: bool;

    /// One that is well.
    async fn start() -> Self;

    /// A sink for it.
    fn sink(&self) -> Self::Sink;

    /// Makes it so; it is so when this returns.
    async fn set(&mut self, mood: Mood);

    /// All that has arrived, in order.
    fn arrived(&self) -> Vec<u8>;

    /// What nobody may see.
    fn secrets(&self) -> Vec<String>;
}
