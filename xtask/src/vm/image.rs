//! A kernel on this disk: fetched from Debian once, then taken from the output folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{
    kernel::Kernel,
    module,
    package::{self, Packages},
};
use crate::{
    command,
    debian::{self, Apt},
    workspace::Workspace,
};

/// What guests load beside what is built in; what these need is found by itself.
const MODULES: [&str; 1] = ["overlay"];

/// A kernel that can be booted.
#[derive(Debug)]
pub(super) struct Image {
    /// What `uname -r` says in the guest.
    pub(super) release: String,
    pub(super) vmlinuz: PathBuf,
    /// Modules, named so that each comes after what it needs.
    pub(super) modules: PathBuf,
}

/// Whether a kernel can be had here.
#[derive(Debug)]
pub(super) enum Found {
    Image(Image),
    /// Debian's packages are out of reach, for this reason.
    Unavailable(anyhow::Error),
}

/// Where everything about a guest kernel is kept.
pub(super) fn folder(workspace: &Workspace, kernel: Kernel) -> PathBuf {
    workspace.tools().join("kernels").join(kernel.name)
}

/// The kernel from the output folder, or else from Debian.
pub(super) fn get(workspace: &Workspace, kernel: Kernel) -> Result<Found> {
    let folder = folder(workspace, kernel);
    if let Some(image) = kept(&folder) {
        return Ok(Found::Image(image));
    }
    println!("fetching the newest kernel of {}", kernel.suite);
    let scratch = folder.join("scratch");
    let (packages, files) = match download(&scratch, kernel) {
        Ok(downloaded) => downloaded,
        Err(error) => {
            let what = format!("a kernel of Debian's suite {} cannot be had here", kernel.suite);
            return Ok(Found::Unavailable(error.context(what)));
        }
    };
    println!("fetched {}", packages.names.join(", "));
    let unpacked = scratch.join("unpacked");
    debian::unpack(&files, &unpacked)?;
    keep(&unpacked, &packages.release, &folder)?;
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))?;
    let image = kept(&folder).with_context(|| format!("{} is incomplete: remove it", folder.display()))?;
    Ok(Found::Image(image))
}

fn download(scratch: &Path, kernel: Kernel) -> Result<(Packages, Vec<PathBuf>)> {
    let apt = Apt::fetch_lists(scratch, kernel.suite)?;
    let packages = package::newest(&apt)?;
    let files = apt.download(&packages.names)?;
    Ok((packages, files))
}

fn kept(folder: &Path) -> Option<Image> {
    let stamp = fs::read_to_string(folder.join("release")).ok()?;
    let (release, modules) = stamp.trim_end().split_once(' ')?;
    let is_ours = modules == MODULES.join(",");
    is_ours.then(|| Image {
        release: release.to_owned(),
        vmlinuz: folder.join("vmlinuz"),
        modules: folder.join("modules"),
    })
}

fn keep(unpacked: &Path, release: &str, folder: &Path) -> Result<()> {
    let place = place(unpacked, release)?;
    let modules = folder.join("modules");
    if modules.exists() {
        fs::remove_dir_all(&modules)?;
    }
    fs::create_dir_all(&modules).with_context(|| format!("cannot create {}", modules.display()))?;
    keep_modules(&place.modules, &modules)?;
    fs::copy(&place.vmlinuz, folder.join("vmlinuz")).context("cannot keep the kernel's image")?;
    // Last, so that an interrupted copy does not pass for a whole one.
    fs::write(folder.join("release"), format!("{release} {}\n", MODULES.join(",")))?;
    Ok(())
}

struct Place {
    vmlinuz: PathBuf,
    modules: PathBuf,
}

/// Where packages have an image and its modules: up to 6.x, and from 7.x on.
fn place(unpacked: &Path, release: &str) -> Result<Place> {
    let old = Place {
        vmlinuz: unpacked.join(format!("boot/vmlinuz-{release}")),
        modules: unpacked.join(format!("lib/modules/{release}/kernel")),
    };
    let modules = unpacked.join(format!("usr/lib/modules/{release}"));
    let new = Place { vmlinuz: modules.join("vmlinuz"), modules: modules.join("kernel") };
    [old, new]
        .into_iter()
        .find(|place| place.vmlinuz.is_file() && place.modules.is_dir())
        .with_context(|| format!("no image or no modules of {release} in {}", unpacked.display()))
}

fn keep_modules(from: &Path, to: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    list_modules(from, &mut files)?;
    let mut contents = BTreeMap::new();
    let order = module::in_order(&MODULES, |name| {
        let file = files.get(name).with_context(|| format!("the package has no module {name}"))?;
        let content = read_module(file)?;
        let needed = module::depends(&content).with_context(|| format!("{}", file.display()))?;
        contents.insert(name.to_owned(), content);
        Ok(needed)
    })?;
    for (place, name) in order.iter().enumerate() {
        let content = contents.get(name).map(Vec::as_slice).unwrap_or_default();
        fs::write(to.join(format!("{place:02}-{name}.ko")), content)?;
    }
    Ok(())
}

/// All modules below `folder`, by the kernel's name for them.
fn list_modules(folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list_modules(&entry.path(), files)?;
        } else if let Some((name, "ko" | "ko.xz")) = entry.file_name().to_string_lossy().split_once('.') {
            files.insert(module::canonical(name), entry.path());
        }
    }
    Ok(())
}

fn read_module(file: &Path) -> Result<Vec<u8>> {
    let plain = file.with_extension("");
    let is_packed = file.extension().is_some_and(|extension| extension == "xz");
    if is_packed && !plain.exists() {
        command::capture(Command::new("xz").args(["--decompress", "--keep"]).arg(file))?;
    }
    let file = if is_packed { &plain } else { file };
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{kept, place};
    use std::fs;

    #[test]
    fn both_layouts_are_known_and_a_package_without_modules_is_refused() {
        for (vmlinuz, modules, is_whole) in [
            ("boot/vmlinuz-6.1", "lib/modules/6.1/kernel", true),
            ("usr/lib/modules/6.1/vmlinuz", "usr/lib/modules/6.1/kernel", true),
            ("usr/lib/modules/6.1/vmlinuz", "usr/lib/modules/6.1/other", false),
            ("boot/vmlinuz-6.2", "lib/modules/6.1/kernel", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let vmlinuz = folder.path().join(vmlinuz);
            fs::create_dir_all(vmlinuz.parent().unwrap()).unwrap();
            fs::write(&vmlinuz, "").unwrap();
            fs::create_dir_all(folder.path().join(modules)).unwrap();
            assert_eq!(place(folder.path(), "6.1").is_ok(), is_whole, "{vmlinuz:?} {modules}");
        }
    }

    #[test]
    fn a_kernel_kept_with_other_modules_is_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        assert!(kept(folder.path()).is_none());
        fs::write(folder.path().join("release"), "6.1.0-50-amd64 other\n").unwrap();
        assert!(kept(folder.path()).is_none());
        fs::write(folder.path().join("release"), "6.1.0-50-amd64 overlay\n").unwrap();
        assert_eq!(kept(folder.path()).unwrap().release, "6.1.0-50-amd64");
    }
}
