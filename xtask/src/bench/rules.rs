//! What evaluating rules costs, beside other engines that read the same rules.

mod figures;
mod options;
mod report;

use anyhow::{Context, Result, bail};

use super::machine;
use crate::{command, test::peers, workspace::Workspace};
use figures::{Allocation, Times};
use report::Report;

use options::PAGE;

pub(crate) use options::Options;

/// Measures everything, prints it and writes the page.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut build = peers::cargo(workspace, "build");
    command::inherit(build.args(["--release", "--bins"]))?;
    let times: Times = measured(workspace, "times", options.arguments())?;
    // Counting slows every allocation down: a program of its own.
    let allocations: Vec<Allocation> = measured(workspace, "allocations", &[])?;
    let page = Report { machine: machine::describe()?, times, allocations }.page();
    options.form.publish(workspace, PAGE, &page)
}

/// What one of the programs prints.
fn measured<T: serde::de::DeserializeOwned>(
    workspace: &Workspace,
    program: &str,
    arguments: &[&str],
) -> Result<T> {
    let path = peers::target(workspace).join("release").join(program);
    if !path.is_file() {
        bail!("cargo built no {}", path.display());
    }
    println!("measuring {program} …");
    let text = command::capture(std::process::Command::new(&path).args(arguments))?;
    serde_json::from_str(&text).with_context(|| format!("{program} prints something else"))
}
