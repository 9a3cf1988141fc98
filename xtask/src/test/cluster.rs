//! The tests on a Kubernetes cluster of one node, which is made for them and ended after them.

use std::{path::PathBuf, process::Child};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{
    kernel::skip,
    program::{self, TestProgram},
    support,
};
use crate::{
    build::{self, Profile},
    cluster::{self, Action, Load},
    command, dist,
    outcome::Outcome,
    privilege::Privilege,
    setup,
    workspace::Workspace,
};

/// The tests of what is installed by the chart; the others need nothing but a node.
const INSTALLATION: &str = "installation";

/// What makes tests longer.
const FULL: &str = "RAMPART_FULL";

/// How much of them is run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Extent {
    /// All of each test: minutes of ordinary life and of rest.
    #[arg(long)]
    full: bool,
    /// On the cluster that is up, which is left as the tests leave it.
    #[arg(long)]
    here: bool,
    /// Only those with this in their names.
    name: Option<String>,
}

/// What tests are told, by the variables that tell it.
type Variables = Vec<(&'static str, PathBuf)>;

/// Begins to build Kubernetes beside whatever is done next.
pub(super) fn begin(workspace: &Workspace) -> Option<Child> {
    cluster::build_aside(&workspace.tools().join("kubernetes.log"))
}

/// Runs them.
pub(super) fn run(workspace: &Workspace, kubernetes: Option<Child>, extent: &Extent) -> Result<Outcome> {
    if let Some(mut kubernetes) = kubernetes {
        // `up` builds it where that has failed, and says why.
        kubernetes.wait().map(drop).unwrap_or_default();
    }
    let mut programs = program::build_package(workspace, program::CLUSTER)?;
    // What is installed changes the node that the others look at: they come first, as their names do.
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    let privilege = Privilege::detect();
    if let Err(reason) = check(workspace, privilege) {
        return Ok(skip(&program::list(workspace, &programs)?, &format!("{reason:#}")));
    }
    let mut variables = vec![
        ("RAMPART_BIN", build::daemon(workspace, Profile::Release)?),
        ("RAMPART_CLUSTER", cluster::folder()),
        ("KUBECONFIG", cluster::kubeconfig()),
    ];
    let skipped = match packers(workspace) {
        Ok(helm) => {
            let (shipped, images) = shipped(workspace, helm)?;
            variables.extend(shipped);
            play(workspace, &programs, &variables, &images, extent)?;
            return Ok(Outcome::Passed);
        }
        Err(reason) => reason,
    };
    let (without, others): (Vec<_>, Vec<_>) =
        programs.into_iter().partition(|program| program.name == INSTALLATION);
    let names = program::list(workspace, &without)?;
    play(workspace, &others, &variables, &[], extent)?;
    Ok(skip(&names, &format!("{skipped:#}")))
}

fn check(workspace: &Workspace, privilege: Privilege) -> Result<()> {
    support::check(privilege)?;
    setup::programs_for_cluster(workspace)?;
    if command::find("go").is_none() {
        bail!("there is no `go` to build Kubernetes with");
    }
    Ok(())
}

/// What image and chart are made with; helm installs it, too.
fn packers(workspace: &Workspace) -> Result<PathBuf> {
    command::find("buildah").context("there is no buildah")?;
    setup::helm(workspace).context("there is no helm")
}

/// What is installed by the tests, and the images for it.
fn shipped(workspace: &Workspace, helm: PathBuf) -> Result<(Variables, Vec<PathBuf>)> {
    let image = dist::image(workspace).context("no image")?;
    let chart = dist::chart(workspace).context("no chart")?;
    let managers = cluster::manager_image(workspace, &program::build_manager(workspace)?)?;
    let variables =
        vec![(super::HELM_VARIABLE, helm), ("RAMPART_CHART", chart), ("RAMPART_IMAGE", image.clone())];
    Ok((variables, vec![image, managers]))
}

/// An error names all tests that have failed.
fn play(
    workspace: &Workspace,
    programs: &[TestProgram],
    variables: &[(&'static str, PathBuf)],
    images: &[PathBuf],
    extent: &Extent,
) -> Result<()> {
    let mut told = Vec::new();
    for (name, path) in variables {
        told.push((*name, path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?));
    }
    if extent.full {
        told.push((FULL, "1"));
    }
    if extent.here {
        return on_cluster(workspace, programs, &told, images, extent);
    }
    // As it is made, and not as somebody has left it.
    cluster::run(workspace, &Action::Down)?;
    let played = on_cluster(workspace, programs, &told, images, extent);
    // Whatever has come of it, nothing of it stays on this machine.
    match (played, cluster::run(workspace, &Action::Down)) {
        (Err(error), Err(left)) => Err(error.context(format!("and it is not gone: {left:#}"))),
        (played, ended) => played.and(ended),
    }
}

fn on_cluster(
    workspace: &Workspace,
    programs: &[TestProgram],
    variables: &[(&str, &str)],
    images: &[PathBuf],
    extent: &Extent,
) -> Result<()> {
    cluster::run(workspace, &Action::Up)?;
    if !images.is_empty() {
        cluster::run(workspace, &Action::Load(Load::of(images.to_vec())))?;
    }
    let failed: Vec<String> = programs
        .iter()
        .filter_map(|program| execute(program, variables, extent).err())
        .map(|error| format!("{error:#}"))
        .collect();
    if failed.is_empty() { Ok(()) } else { bail!(failed.join("\n")) }
}

/// They share a cluster, and what they measure is to be seen.
fn execute(program: &TestProgram, variables: &[(&str, &str)], extent: &Extent) -> Result<()> {
    let path = program.path.to_str().context("the path of a test is not UTF-8")?;
    let mut command = Privilege::detect().command(path, variables)?;
    command.args(["--test-threads=1", "--nocapture"]).args(&extent.name).current_dir(&program.folder);
    command::inherit(&mut command)
}
