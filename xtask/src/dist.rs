//! What is shipped, in `target/dist`: the binary, its image, and the chart.

mod authorities;
mod binary;
mod chart;
mod checksum;
mod image;
mod root;
mod source;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    build::Architecture,
    setup::{self, Scope},
    workspace::Workspace,
};
use binary::Shipped;
use source::Source;

/// What `cargo xtask dist` is asked for.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The sort of processor; this machine's if not given.
    #[arg(long)]
    arch: Option<Architecture>,
    /// Only lay out what is in the image, in this folder: for Containerfile.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

/// Sets the machine up, and makes all of it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let architecture = options.arch.map_or_else(Architecture::of_this_machine, Ok)?;
    let scope = if options.root.is_some() { Scope::Build } else { Scope::Dist };
    setup::run(workspace, scope)?;
    setup::cross(workspace, architecture)?;
    let source = Source::of(workspace)?;
    if options.root.is_none() {
        // What an earlier version has left would be summed up too.
        remove(&folder(workspace)?)?;
    }
    let shipped = Shipped::make(workspace, architecture)?;
    if let Some(folder) = &options.root {
        return root::lay_out(shipped.binary(), folder);
    }
    let mut made = vec![shipped.binary().to_owned(), shipped.debugging().to_owned()];
    made.push(shipped.pack(workspace, &source)?);
    made.push(image::build(workspace, &shipped, &source)?);
    made.extend(chart::package(workspace, &source)?);
    made.push(checksum::write(&folder(workspace)?)?);
    for path in made {
        let size = fs::metadata(&path).with_context(|| format!("no {}", path.display()))?.len();
        println!("{:>12} bytes  {}", size, path.display());
    }
    Ok(())
}

/// Builds the image for this machine, `localhost/rampart:VERSION`, and gives the archive that
/// `ctr --namespace k8s.io images import` and `docker load` take.
pub(crate) fn image(workspace: &Workspace) -> Result<PathBuf> {
    let shipped = Shipped::make(workspace, Architecture::of_this_machine()?)?;
    let image = image::build(workspace, &shipped, &Source::of(workspace)?)?;
    checksum::write(&folder(workspace)?)?;
    Ok(image)
}

/// Packages the chart, and gives the archive that `helm install` takes.
pub(crate) fn chart(workspace: &Workspace) -> Result<PathBuf> {
    let chart = chart::package(workspace, &Source::of(workspace)?)?.context("there is no chart here")?;
    checksum::write(&folder(workspace)?)?;
    Ok(chart)
}

/// Where it goes.
fn folder(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("dist");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// An empty folder for what goes into an archive.
fn scratch(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.tools().join("dist").join(name);
    remove(&folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
