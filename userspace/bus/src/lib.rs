//! What ties the modules together: bounded [`channel`]s whose overflow has a name and a counter, the [`Sink`]s that
//! take findings, and the [`Supervisor`] that keeps tasks running and ends them in order.

#![forbid(unsafe_code)]

mod channel;
mod fan_out;
mod sink;
mod supervisor;

pub use channel::{Closed, Overflow, Receiver, Sender, channel};
pub use fan_out::FanOut;
pub use sink::{Sink, SinkCounters, SinkError, drive};
pub use supervisor::{Restarts, Supervisor};
pub use tokio_util::sync::CancellationToken;
