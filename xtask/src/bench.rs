//! Measurements. They print what is beside what the goal is, and none of them fails for being slow.

mod agent;
mod cleanup;
mod daemon;
mod delivery;
mod form;
mod goal;
mod kernel;
mod machine;
mod page;
mod process;
mod rules;
mod sca;
mod statistics;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;

/// What can be measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// What it takes to deliver findings to a manager.
    Delivery(delivery::Options),
    /// What the daemon costs the kernel and itself, beside auditd and execsnoop; as root.
    Kernel(kernel::Options),
    /// What evaluating rules costs, beside rsigma-eval and sigma-rust.
    Rules(rules::Options),
    /// What a scan of the host's configuration takes, beside lynis; as root.
    Sca(sca::Options),
}

/// Measures it.
pub(crate) fn run(workspace: &Workspace, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Delivery(options) => delivery::run(workspace, options),
        Bench::Kernel(options) => kernel::run(workspace, options),
        Bench::Rules(options) => rules::run(workspace, options),
        Bench::Sca(options) => sca::run(workspace, options),
    }
}
