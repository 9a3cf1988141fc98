//! The chart on the node of a cluster, with the image that has just been built: what happens in pods is told with all that
//! Kubernetes knows of them, whatever ends and comes back.
//!
//! All tests share one installation. They run one after the other, in the order of their names.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests, and what they share: what fails there fails the test"
)]

mod deeds;
mod identity;
mod life;
mod node;
mod outage;
mod rest;
mod results;
mod site;
mod start;
mod workload;
