//! Turns what the kernel said into complete events: who the process is, where it comes from, whose it is, and
//! which container it runs in.
//!
//! One owner, no locks: an [`Enricher`] belongs to the thread that calls it.

#![forbid(unsafe_code)]

mod cgroups;
mod containers;
mod descriptions;
mod enricher;
mod pods;
mod proc;
mod sampler;
mod tree;
mod users;

pub use containers::container_of;
pub use descriptions::{ContainerCounters, MAX_CONTAINERS};
pub use enricher::{EnrichConfig, Enricher};
pub use pods::{MAX_GONE_PODS, MAX_PODS, PodCounters, PodDirectory, Pods};
pub use sampler::{Busy, CpuSampler, CpuThreshold, MAX_FOLLOWED};
pub use tree::{MAX_PROCESSES, TreeCounters};
