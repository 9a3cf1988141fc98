//! Where findings go: one module for each sink.
//!
//! A sink's `Config` is its part of the configuration file: [`validate`](file::Config::validate) looks at it, `encoder` gives the
//! form in which its findings are kept, `build` the sink itself. Destinations that are away, secrets that are not there yet and
//! certificates that cannot be read hold findings back, and lose none.

#![forbid(unsafe_code)]

mod config;
pub mod file;
mod http;
mod json;
mod limits;
mod printable;
mod secret;
pub mod slack;
pub mod stdout;
pub mod syslog;
mod tls;
pub mod wazuh;
pub mod webhook;

pub use config::{ConfigError, Seconds};
pub use json::Json;
pub use secret::{SECRET_BYTES, Secret, SecretError};
pub use tls::Tls;
