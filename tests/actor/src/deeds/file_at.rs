//! Files by paths relative to an open folder: the path that a call names is not the file's.

use std::{ffi::c_long, os::fd::OwnedFd};

use rustix::{
    fs::{
        AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, chmodat, chownat, linkat, mknodat, open, openat,
        renameat, symlinkat, unlinkat,
    },
    io::Errno,
};

use crate::{
    arguments::{Arguments, c_path},
    raw::{address, call},
    report::Report,
};

/// Since Linux 6.6; the number is the same everywhere.
const SYS_FCHMODAT2: c_long = 452;

fn folder(arguments: Arguments<'_>) -> anyhow::Result<OwnedFd> {
    Ok(open(arguments.path(0)?, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?)
}

fn report(arguments: Arguments<'_>, result: Result<(), Errno>) -> anyhow::Result<Report> {
    Report::new().path("folder", arguments.path(0)?).path("name", arguments.path(1)?).outcome(result)
}

pub(crate) fn open_read(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let result = openat(folder(arguments)?, arguments.path(1)?, OFlags::RDONLY, Mode::empty());
    report(arguments, result.map(drop))
}

pub(crate) fn open_in_current(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    std::env::set_current_dir(arguments.path(0)?)?;
    let result = openat(CWD, arguments.path(1)?, OFlags::RDONLY, Mode::empty());
    report(arguments, result.map(drop))
}

pub(crate) fn create(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let flags = OFlags::WRONLY | OFlags::CREATE;
    let result = openat(folder(arguments)?, arguments.path(1)?, flags, Mode::from_bits_retain(0o644));
    report(arguments, result.map(drop))
}

pub(crate) fn rename(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let folder = folder(arguments)?;
    let result = renameat(&folder, arguments.path(1)?, &folder, arguments.path(2)?);
    Ok(report(arguments, result)?.path("new", arguments.path(2)?))
}

pub(crate) fn unlink(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    report(arguments, unlinkat(folder(arguments)?, arguments.path(1)?, AtFlags::empty()))
}

pub(crate) fn rmdir(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    report(arguments, unlinkat(folder(arguments)?, arguments.path(1)?, AtFlags::REMOVEDIR))
}

pub(crate) fn link(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let folder = folder(arguments)?;
    let result = linkat(&folder, arguments.path(1)?, &folder, arguments.path(2)?, AtFlags::empty());
    Ok(report(arguments, result)?.path("new", arguments.path(2)?))
}

pub(crate) fn symlink(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let result = symlinkat(arguments.path(2)?, folder(arguments)?, arguments.path(1)?);
    Ok(report(arguments, result)?.path("target", arguments.path(2)?))
}

pub(crate) fn chmod(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (folder, name, mode) = (folder(arguments)?, arguments.path(1)?, arguments.mode(2)?);
    let result = chmodat(folder, name, Mode::from_bits_retain(mode), AtFlags::empty());
    Ok(report(arguments, result)?.with("mode", mode))
}

pub(crate) fn chmod_with_flags(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    use std::os::fd::AsRawFd as _;
    let (folder, name, mode) = (folder(arguments)?, c_path(arguments.path(1)?)?, arguments.mode(2)?);
    let descriptor = usize::try_from(folder.as_raw_fd())?;
    let all = [descriptor, address(name.as_c_str()), mode as usize, 0];
    // SAFETY: the name outlives the call.
    let result = unsafe { call(SYS_FCHMODAT2, all) };
    Ok(report(arguments, result.map(drop))?.with("mode", mode))
}

pub(crate) fn chown(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (uid, gid) = (arguments.value(2)?, arguments.value(3)?);
    let (user, group) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    let result = chownat(folder(arguments)?, arguments.path(1)?, user, group, AtFlags::empty());
    Ok(report(arguments, result)?.with("uid", uid).with("gid", gid))
}

pub(crate) fn mknod(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (folder, name) = (folder(arguments)?, arguments.path(1)?);
    let result = mknodat(folder, name, FileType::Fifo, Mode::from_bits_retain(0o644), 0);
    report(arguments, result)
}
