//! What the agent answers to machines over TLS: results, to callers that the cluster knows.
//!
//! [`serve`] answers `GET /v1/results` with how the node's policies stand after the last scan, as one JSON document. Who may ask is
//! decided by a [`Gate`]; who may not learns nothing, not even which paths there are.

#![forbid(unsafe_code)]

mod certificate;
mod connections;
mod document;
mod etag;
mod gate;
mod plain;
mod problem;
mod results;
mod routes;
mod server;
mod token;

pub use gate::{Admission, Gate};
pub use results::{PATH, Published};
pub use server::{LOOK_INTERVAL, Service, serve};

/// Where the certificate and its key are.
pub use rampart_tls::Identity;
