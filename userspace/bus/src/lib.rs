//! What ties the modules together: bounded [`channel`]s whose overflow has a name and a counter, the [`Sink`]s that
//! take findings, and the [`Supervisor`] that keeps tasks running and ends them in order.

#![forbid(unsafe_code)]

mod channel;
mod fan_out;
mod message;
mod outbox;
mod sink;
mod supervisor;

pub use channel::{Closed, Overflow, Receiver, Sender, channel};
pub use fan_out::FanOut;
pub use message::{Encode, Message};
pub use outbox::{Dispatch, Outbox, WINDOW, outbox};
pub use sink::{Sink, SinkError, SinkState, drive, drive_direct};
pub use supervisor::{Restarts, Supervisor};
pub use tokio_util::sync::CancellationToken;
