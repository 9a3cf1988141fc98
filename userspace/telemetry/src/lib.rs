//! What the daemon says of itself: logs on stderr, Prometheus metrics, and health over HTTP.

#![forbid(unsafe_code)]

mod http;
mod logs;
mod metrics;
mod readiness;

pub use http::{serve, to_make_room};
pub use logs::{FilterError, init as init_logs};
pub use metrics::{Description, MetricKind, Metrics, MetricsError};
pub use readiness::{Heartbeat, ModuleHealth, Need, Readiness, Report};
