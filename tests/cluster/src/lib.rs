//! The node of a Kubernetes cluster as `cargo xtask cluster up` makes it, for tests, and what is installed on it.

#![forbid(unsafe_code)]

mod agent;
mod chart;
mod finding;
mod journal;
mod kubectl;
mod managers;
mod node;
mod patience;

pub use agent::Agent;
pub use chart::{Chart, NAMESPACE, RELEASE};
pub use finding::Finding;
pub use journal::{Journal, Line, Mark};
pub use kubectl::Kubectl;
pub use managers::Managers;
pub use node::{Node, Results, results};
pub use patience::{PATIENCE, until};

use anyhow::Context as _;

/// Whether all of each test is asked for, which takes minutes.
#[must_use]
pub fn is_full() -> bool {
    std::env::var_os("RAMPART_FULL").is_some()
}

/// What the test's surroundings say.
fn variable(name: &str) -> anyhow::Result<std::path::PathBuf> {
    let value = std::env::var_os(name);
    Ok(value.with_context(|| format!("{name} is not set; `cargo xtask cluster test` sets it"))?.into())
}
