use std::fmt::Debug;

use rampart_bus::{Encode, Sink};

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

/// Where a sink's findings go in the test.
pub(crate) trait Destination {
    /// The sink.
    type Sink: Sink + Encode + Debug;

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
    fn secrets(&self) -> &[&'static str];
}
