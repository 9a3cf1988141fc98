//! The chart as `helm install` takes it.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{folder, remove, scratch, source::Source};
use crate::{archive, command, setup, workspace::Workspace};

/// The chart's name, and the folder in its archive.
const NAME: &str = "wazuh-k8s-hardening";

/// Packages it; none where there is none.
pub(super) fn package(workspace: &Workspace, source: &Source) -> Result<Option<PathBuf>> {
    let chart = workspace.chart();
    if !chart.join("Chart.yaml").is_file() {
        return Ok(None);
    }
    let helm = setup::helm(workspace)
        .context("there is no `helm` to package the chart with: `cargo xtask setup` installs it")?;
    let packed = scratch(workspace, "chart")?;
    let name = format!("{NAME}-{}.tgz", Source::version());
    let mut package = Command::new(helm);
    package.args(["package", "--version", Source::version(), "--app-version", Source::version()]);
    command::capture(package.arg("--destination").arg(&packed).arg(&chart))?;
    command::capture(Command::new("tar").arg("-xzf").arg(packed.join(&name)).arg("-C").arg(&packed))?;
    // Packed once more, because helm gives all files the time of packing.
    let archive = folder(workspace)?.join(&name);
    command::capture(archive::packed_tar(&packed, &archive, source.time).arg(NAME))?;
    remove(&packed)?;
    Ok(Some(archive))
}
