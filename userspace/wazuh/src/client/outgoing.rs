/// Where events come from: a queue that keeps each until it is confirmed.
///
/// It gives at least twice [`Limits::checkpoint_events`](crate::Limits::checkpoint_events) without a confirmation, or twice
/// [`Limits::checkpoint_bytes`](crate::Limits::checkpoint_bytes). With less, each is waited for until its time has come.
///
/// An event is a whole message, `Q:LOCATION:MESSAGE`, as [`event`](crate::event()) makes it.
pub trait Outgoing: Send {
    /// What one event is held in.
    type Event: AsRef<[u8]> + Send;

    /// Waits for events that were not given since the last rewind: at least one, in order; none when nothing more will come.
    /// Nothing may be lost when it is cancelled.
    fn next(&mut self) -> impl Future<Output = Vec<Self::Event>> + Send;

    /// The first `count` of those that were given and not confirmed have arrived.
    fn confirm(&mut self, count: usize);

    /// What was given and not confirmed is to be given again.
    fn rewind(&mut self);

    /// How many were given and not confirmed.
    fn unconfirmed(&self) -> usize;
}
