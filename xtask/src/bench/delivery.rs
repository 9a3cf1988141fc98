//! What it takes to deliver findings to a manager.

mod figures;
mod options;
mod report;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{form, machine};
use crate::{command, workspace::Workspace};
use figures::{Case, Figures, Rounds};
use options::PAGE;
use report::Report;

pub(crate) use options::Options;

const PACKAGE: &str = "rampart-sinks";
const PROGRAM: &str = "delivery";

/// Measures everything, prints it and writes the page.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let program = program(workspace)?;
    let folder = form::scratch(workspace, PROGRAM)?;
    let load = machine::load()?;
    let mut rounds = Rounds::default();
    for round in 1..=options.rounds() {
        println!("round {round} of {} …", options.rounds());
        for case in Case::ALL {
            let figures = measured(&program, case, options.findings(), &folder.join(round.to_string()))?;
            println!("  {}: {:.0} findings/s", case.name(), figures.per_second());
            rounds.add(case, figures);
        }
    }
    std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    let page = Report { machine: machine::describe()?, load, rounds }.page()?;
    options.form.publish(workspace, PAGE, &page)
}

/// Builds the program that delivers, and says where it is.
fn program(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--release", "--package", PACKAGE, "--example", PROGRAM]);
    command::inherit(&mut cargo)?;
    let program = workspace.target().join("release/examples").join(PROGRAM);
    if !program.is_file() {
        bail!("cargo built no {}", program.display());
    }
    Ok(program)
}

/// A case, in a process of its own. What one leaves on disk is there for the one that goes on with it, and for no other.
fn measured(program: &Path, case: Case, findings: u64, round: &Path) -> Result<Figures> {
    let folder = round.join(case.folder());
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut command = Command::new(program);
    command.args([case.argument(), &findings.to_string()]).arg(&folder);
    let text = command::capture(&mut command)?;
    serde_json::from_str(&text).with_context(|| format!("{PROGRAM} prints something else: {text}"))
}
