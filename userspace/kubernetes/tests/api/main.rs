//! Against an API server that says what a test tells it to say.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests stop at what they did not expect")]

mod connect;
mod outage;
mod review;
mod server;
mod watch;
mod workload;
