//! A container's file system: an image below, and what was added since above.

use std::{
    ffi::CString,
    fs::{self, DirBuilder},
    path::Path,
};

use anyhow::Context as _;

use crate::{
    arguments::{Arguments, c_path},
    child,
    namespace::private_mounts,
    program::{self, NOTHING},
    raw::checked,
    report::{Lacking, Report},
};

/// The program's name in the image.
const NAME: &str = "program";

/// Executes a program of one of the layers.
pub(crate) fn execute(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let layer = arguments.choice(4, &["upper", "lower"])?;
    let folders = [arguments.path(0)?, arguments.path(1)?, arguments.path(2)?, arguments.path(3)?];
    for folder in folders {
        DirBuilder::new().recursive(true).create(folder)?;
    }
    let [lower, _, _, merged] = folders;
    if layer == "lower" {
        program::copy_to(&lower.join(NAME))?;
    }
    private_mounts()?;
    mount(folders)?;
    let path = merged.join(NAME);
    if layer == "upper" {
        program::copy_to(&path)?;
    }
    let words = program::words(&path, &[NOTHING])?;
    let ended = child::run(|| Report::new().outcome::<()>(Err(program::execve(&path, &words)?)))?;
    Ok(ended.add_to(Report::new().path("path", &path).with("layer", layer)))
}

/// Mounts two layers, lower and upper, with a folder to work in, as a third folder, which may be the lower one.
pub(crate) fn mount(folders: [&Path; 4]) -> anyhow::Result<()> {
    let [lower, upper, work, merged] = folders;
    if !fs::read_to_string("/proc/filesystems")?.contains("overlay") {
        return Err(Lacking("the kernel has no overlayfs".to_owned()).into());
    }
    let data = CString::new(format!(
        "lowerdir={},upperdir={},workdir={}",
        lower.display(),
        upper.display(),
        work.display()
    ))?;
    let (kind, target) = (c"overlay", c_path(merged)?);
    // SAFETY: the texts end in NUL and outlive the call, the data are one of them.
    let result =
        unsafe { libc::mount(kind.as_ptr(), target.as_ptr(), kind.as_ptr(), 0, data.as_ptr().cast()) };
    checked(result.into()).context("mounting the overlay")?;
    Ok(())
}
