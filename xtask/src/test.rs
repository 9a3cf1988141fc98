//! Every test: those that run anywhere, those of the chart, those that compare with peers, those that need root and a kernel with
//! eBPF, those on other kernels, and those on a Kubernetes cluster.

mod chart;
mod cluster;
mod kernel;
pub(crate) mod peers;
pub(crate) mod program;
mod support;

use anyhow::Result;

use crate::{
    command,
    outcome::{Outcome, Report},
    setup::{self, Scope},
    vm,
    workspace::Workspace,
};

pub(crate) use cluster::Extent;

/// The variable that tells tests where Prometheus's own judge of metrics and alerts is.
pub(crate) const PROMTOOL_VARIABLE: &str = "RAMPART_PROMTOOL";

/// The same of helm.
pub(crate) const HELM_VARIABLE: &str = "RAMPART_HELM";

/// Sets the machine up and runs all tests.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, Scope::Test)?;
    let mut report = Report::default();
    suites(workspace, &mut report);
    report.finish()
}

/// Adds the suites to `report`.
pub(crate) fn suites(workspace: &Workspace, report: &mut Report) {
    report.run("unit and integration", || everywhere(workspace));
    report.run("chart", || chart::run(workspace));
    report.run("peers", || peers::run(workspace));
    report.run("kernel", || kernel::run(workspace));
    // Kernels in the emulator leave a processor idle, and do not notice what else runs here.
    let kubernetes = cluster::begin(workspace);
    vm::suites(workspace, report);
    report.run("cluster", || cluster::run(workspace, kubernetes, &Extent::default()));
}

/// Sets the machine up and runs the tests on a cluster.
pub(crate) fn on_cluster(workspace: &Workspace, extent: &Extent) -> Result<()> {
    setup::run(workspace, Scope::Dist)?;
    let mut report = Report::default();
    report.run("cluster", || cluster::run(workspace, None, extent));
    report.finish()
}

/// The default members are exactly the packages whose tests need neither root nor a kernel.
fn everywhere(workspace: &Workspace) -> Result<Outcome> {
    let mut cargo = workspace.cargo("test");
    match setup::promtool(workspace) {
        Some(program) => drop(cargo.env(PROMTOOL_VARIABLE, program)),
        None => println!("skipped what needs promtool: `cargo xtask setup` could not get it"),
    }
    match setup::helm(workspace) {
        Some(program) => drop(cargo.env(HELM_VARIABLE, program)),
        None => println!("skipped what needs helm: `cargo xtask setup` could not get it"),
    }
    command::inherit(cargo.arg("--no-fail-fast"))?;
    Ok(Outcome::Passed)
}
