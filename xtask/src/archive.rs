//! Archives that are the same whenever the same files go into them.

use std::{path::Path, process::Command};

/// `tar` of what is named below `folder`, by arguments that are still to come, with `time` (seconds since 1970) as
/// the time of every file.
pub(crate) fn tar(folder: &Path, archive: &Path, time: u64) -> Command {
    let mut command = Command::new("tar");
    command.args(["--owner=0", "--group=0", "--numeric-owner", "--sort=name", "--format=gnu"]);
    command.arg(format!("--mtime=@{time}")).arg("-cf").arg(archive).arg("-C").arg(folder);
    command
}

/// The same, packed.
pub(crate) fn packed_tar(folder: &Path, archive: &Path, time: u64) -> Command {
    let mut command = tar(folder, archive, time);
    // gzip itself would put the time of packing into it.
    command.arg("--use-compress-program=gzip -n -9");
    command
}
