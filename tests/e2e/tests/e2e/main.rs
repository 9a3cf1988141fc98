//! The whole daemon on the running kernel.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, also in the functions that it shares with others"
)]

mod accounting;
mod capture;
mod detection;
mod privilege;
mod quiet;
mod refusal;
mod shutdown;
mod telemetry;
