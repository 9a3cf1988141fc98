//! The image, as `Containerfile` describes it, of the binary that is already built.

mod docker;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use super::{
    binary::{self, Shipped},
    folder, remove, root, scratch,
    source::Source,
};
use crate::{archive, command, workspace::Workspace};

/// What builds it, without a daemon and without being root.
const BUILDER: &str = "buildah";

/// The stage of `Containerfile` that builds from the sources, whose place a folder takes.
const STAGE: &str = "build";

/// Builds it, and gives an archive of the form of the Open Container Initiative.
pub(super) fn build(workspace: &Workspace, shipped: &Shipped, source: &Source) -> Result<PathBuf> {
    if command::find(BUILDER).is_none() {
        bail!("there is no `{BUILDER}` to build the image with: `cargo xtask setup` installs it");
    }
    let stage = scratch(workspace, STAGE)?;
    root::lay_out(shipped.binary(), &stage.join("image"))?;
    // A storage of its own: nothing of it stays on the machine.
    let storage = scratch(workspace, "storage")?;
    let name = format!("localhost/rampart:{}", Source::version());
    command::capture(&mut instructions(workspace, shipped, source, &stage, &storage, &name)?)?;
    let layout = scratch(workspace, "layout")?;
    let target = format!("oci:{}:{name}", layout.display());
    command::capture(builder(&storage, "push").args(["--quiet", &name, &target]))?;
    docker::add_manifest(&layout, &name)?;
    let archive = folder(workspace)?.join(format!("{}.image.tar", binary::name(shipped.architecture())));
    let mut tar = archive::tar(&layout, &archive, source.time);
    command::capture(tar.args(["oci-layout", "index.json", "blobs", docker::MANIFEST]))?;
    for folder in [stage, storage, layout] {
        remove(&folder)?;
    }
    Ok(archive)
}

fn instructions(
    workspace: &Workspace,
    shipped: &Shipped,
    source: &Source,
    stage: &Path,
    storage: &Path,
    name: &str,
) -> Result<Command> {
    let mut command = builder(storage, "bud");
    command.arg("--file").arg(workspace.root().join("Containerfile"));
    command.arg("--build-context").arg(format!("{STAGE}={}", stage.display()));
    command.args(["--arch", shipped.architecture().of_image(), "--timestamp", &source.time.to_string()]);
    // Its own version would make the image another one.
    command.args(["--identity-label=false", "--quiet", "--tag", name]);
    let created = source.timestamp()?;
    for (argument, value) in
        [("VERSION", Source::version()), ("REVISION", &source.revision), ("CREATED", &created)]
    {
        command.arg("--build-arg").arg(format!("{argument}={value}"));
    }
    command.arg(stage);
    Ok(command)
}

fn builder(storage: &Path, task: &str) -> Command {
    let mut command = Command::new(BUILDER);
    // Works in containers too, and without overlayfs.
    command.env("BUILDAH_ISOLATION", "chroot").env("STORAGE_DRIVER", "vfs");
    command.arg("--root").arg(storage.join("root")).arg("--runroot").arg(storage.join("run")).arg(task);
    command
}

#[cfg(test)]
mod tests {
    use super::{STAGE, Source};
    use crate::workspace::Workspace;
    use std::fs;

    #[test]
    fn the_description_is_of_this_version_and_builds_with_the_pinned_compiler() {
        let workspace = Workspace::locate().unwrap();
        let text = fs::read_to_string(workspace.root().join("Containerfile")).unwrap();
        let compiler = format!("FROM docker.io/library/rust:{}-", workspace.pinned_rust().unwrap());
        let version = format!("ARG VERSION={}\n", Source::version());
        for part in [compiler, version, format!(" AS {STAGE}\n"), format!("COPY --from={STAGE} /image/ /\n")]
        {
            assert!(text.contains(&part), "no `{part}`");
        }
    }
}
