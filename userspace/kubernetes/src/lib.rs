//! What the agent asks of a cluster's API server: the node's pods, and who a caller is.
//!
//! A [`Cluster`] is the way to the API server. A [`PodWatch`] tells of the pods of one node as
//! [`PodChange`](rampart_model::PodChange)s, for ever and over all outages; its [`WatchState`] says how it is. A [`Reviewer`]
//! says whether the bearer of a token may do something. Nothing here is needed for detection.

#![forbid(unsafe_code)]

mod cluster;
mod error;
mod labels;
mod pause;
mod review;
mod watch;
mod wire;

pub use cluster::{Cluster, Settings};
pub use error::{Errand, KubernetesError};
pub use labels::LabelChoice;
pub use review::{Review, Reviewer};
pub use watch::{PodWatch, WatchState};
