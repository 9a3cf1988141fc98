//! The daemon on other kernels: Debian's, each booted in an emulator with what is tested as its file system.

mod console;
mod contents;
mod guest;
mod image;
mod initramfs;
mod kernel;
pub(crate) mod library;
mod machine;
mod module;
mod newc;
mod package;

use std::{env::consts::ARCH, path::PathBuf};

use anyhow::{Result, bail};
use clap::{Args, builder::PossibleValuesParser};

use crate::{
    build::{self, Profile},
    command,
    outcome::{Outcome, Report},
    setup::{self, Scope},
    workspace::Workspace,
};
use contents::Contents;
use guest::{Errand, Guest};

pub(crate) use kernel::{KERNELS, Kernel, VARIANTS, Variant};
pub(crate) use machine::EMULATOR;

/// What to boot, and what for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The kernel to boot.
    #[arg(long, default_value = "all", value_parser = PossibleValuesParser::new(kernel::choices()))]
    kernel: String,
    /// What the daemon may use of it.
    #[arg(long, value_enum, default_value_t = Variant::Auto)]
    variant: Variant,
    /// Keep what `rampart probe` says there in tests/e2e/probes, and run no tests.
    #[arg(long)]
    record: bool,
    /// Take this daemon instead of building one.
    #[arg(long, value_name = "FILE")]
    daemon: Option<PathBuf>,
    /// Run the scenarios with this in their names only.
    filter: Option<String>,
}

/// Boots the kernels that were asked for. One that cannot be had is a failure: it was asked for.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    setup::run(workspace, Scope::Test)?;
    check_machine()?;
    let daemon = match &options.daemon {
        Some(daemon) => daemon.clone(),
        None => build::daemon(workspace, Profile::Release)?,
    };
    let plan = if options.record {
        Plan { contents: Contents::daemon(daemon), errand: Errand::Record }
    } else {
        Plan::scenarios(workspace, daemon, options.filter.as_deref())?
    };
    let mut report = Report::default();
    for kernel in kernel::chosen(&options.kernel)? {
        report.run(guest::name(kernel, options.variant), || {
            match plan.guest(workspace, kernel, options.variant).run()? {
                Outcome::Skipped(reason) => Ok(Outcome::Failed(reason)),
                outcome => Ok(outcome),
            }
        });
    }
    report.finish()
}

/// Adds a boot of every kernel with every variant to `report`.
pub(crate) fn suites(workspace: &Workspace, report: &mut Report) {
    let plan = plan_of_suites(workspace).unwrap_or_else(|error| Err(Outcome::Failed(format!("{error:#}"))));
    for kernel in KERNELS {
        for variant in VARIANTS {
            report.run(guest::name(kernel, variant), || match &plan {
                Ok(plan) => plan.guest(workspace, kernel, variant).run(),
                Err(outcome) => Ok(outcome.clone()),
            });
        }
    }
}

/// The inner error is the outcome of every guest where none can be booted.
fn plan_of_suites(workspace: &Workspace) -> Result<Result<Plan, Outcome>> {
    if let Err(reason) = check_machine() {
        return Ok(Err(Outcome::Skipped(format!("{reason:#}"))));
    }
    let daemon = build::daemon(workspace, Profile::Release)?;
    Plan::scenarios(workspace, daemon, None).map(Ok)
}

/// What all guests have in common.
#[derive(Debug)]
struct Plan {
    contents: Contents,
    errand: Errand,
}

impl Plan {
    fn scenarios(workspace: &Workspace, daemon: PathBuf, filter: Option<&str>) -> Result<Self> {
        Ok(Self { contents: Contents::scenarios(workspace, daemon, filter)?, errand: Errand::Test })
    }

    fn guest<'a>(&'a self, workspace: &'a Workspace, kernel: Kernel, variant: Variant) -> Guest<'a> {
        Guest { workspace, kernel, variant, contents: &self.contents, errand: self.errand }
    }
}

/// An error says what is lacking.
fn check_machine() -> Result<()> {
    if ARCH != "x86_64" {
        bail!("the guests are x86-64, and this machine is {ARCH}");
    }
    if command::find(EMULATOR).is_none() {
        bail!("no {EMULATOR}: `cargo xtask setup` installs it where it can");
    }
    Ok(())
}
