//! The gates, then the tests: what has to hold before a change goes in.

mod dependencies;
mod lint;

use anyhow::Result;

use crate::{
    codegen,
    outcome::Report,
    setup::{self, Scope},
    test, tidy,
    workspace::Workspace,
};

/// Runs every gate, and fails at the end if one failed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, Scope::Everything)?;
    let mut report = Report::default();
    report.run("tidy", || tidy::gate(workspace));
    report.run("generated files", || codegen::gate(workspace));
    report.run("format", || lint::format(workspace));
    report.run("clippy", || lint::clippy(workspace));
    report.run("clippy (eBPF)", || lint::clippy_of_programs(workspace));
    report.run("fuzz targets", || lint::fuzz_targets(workspace));
    report.run("clippy (peers)", || lint::clippy_of_peers(workspace));
    report.run("documentation", || lint::documentation(workspace));
    report.run("dependencies", || dependencies::check(workspace));
    report.run("advisories", || dependencies::check_advisories(workspace));
    test::suites(workspace, &mut report);
    report.finish()
}
