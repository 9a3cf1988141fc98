//! What the daemon says of itself: logs on stderr, Prometheus metrics, and health over HTTP.

#![forbid(unsafe_code)]

mod http;
mod logs;
mod metrics;

pub use http::{Readiness, serve};
pub use logs::{FilterError, init as init_logs};
pub use metrics::{Metrics, MetricsError};
