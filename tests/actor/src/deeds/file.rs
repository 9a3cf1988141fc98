//! Files by their paths.

use std::path::Path;

use rustix::{
    fs::{CWD, Gid, Mode, OFlags, RenameFlags, Uid, fchmod, fchown, openat, renameat_with},
    io::Errno,
};

use crate::{
    arguments::{Arguments, c_path},
    legacy,
    raw::{address, call},
    report::Report,
};

/// For files that deeds make.
const MODE: u32 = 0o644;

/// struct open_how of openat2(2).
#[repr(C)]
struct OpenHow {
    flags: u64,
    mode: u64,
    resolve: u64,
}

fn open(arguments: Arguments<'_>, flags: OFlags) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    let call = arguments.choice(1, &["openat", "open", "openat2", "creat"])?;
    let result = open_by(call, path, flags)?;
    Report::new().path("path", path).with("call", call).outcome(result)
}

fn open_by(name: &str, path: &Path, flags: OFlags) -> anyhow::Result<Result<(), Errno>> {
    let mode = if flags.contains(OFlags::CREATE) { MODE } else { 0 };
    let path = c_path(path)?;
    Ok(match name {
        "open" => legacy::open(&path, flags.bits(), mode).map(drop),
        "creat" => legacy::creat(&path, mode).map(drop),
        "openat2" => {
            let how = OpenHow { flags: flags.bits().into(), mode: mode.into(), resolve: 0 };
            let folder = usize::MAX - libc::AT_FDCWD.unsigned_abs() as usize + 1;
            let arguments = [folder, address(path.as_c_str()), address(&how), size_of::<OpenHow>()];
            // SAFETY: path and structure outlive the call.
            unsafe { call(libc::SYS_openat2, arguments) }.map(drop)
        }
        _ => openat(CWD, path, flags, Mode::from_bits_retain(mode)).map(drop),
    })
}

pub(crate) fn open_read(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    open(arguments, OFlags::RDONLY)
}

pub(crate) fn open_write(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    open(arguments, OFlags::WRONLY)
}

pub(crate) fn open_append(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    open(arguments, OFlags::RDWR | OFlags::APPEND)
}

pub(crate) fn truncate(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    open(arguments, OFlags::WRONLY | OFlags::TRUNC)
}

pub(crate) fn create(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    open(arguments, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
}

type OnPaths = fn(&std::ffi::CStr, &std::ffi::CStr) -> Result<(), Errno>;

fn two_paths(arguments: Arguments<'_>, names: [&str; 2], deed: OnPaths) -> anyhow::Result<Report> {
    let (first, second) = (arguments.path(0)?, arguments.path(1)?);
    let result = deed(&c_path(first)?, &c_path(second)?);
    let [first_name, second_name] = names;
    Report::new().path(first_name, first).path(second_name, second).outcome(result)
}

pub(crate) fn rename(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["old", "new"], legacy::rename)
}

pub(crate) fn rename_exchange(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["first", "second"], |first, second| {
        renameat_with(CWD, first, CWD, second, RenameFlags::EXCHANGE)
    })
}

pub(crate) fn link(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["existing", "new"], legacy::link)
}

pub(crate) fn symlink(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    two_paths(arguments, ["target", "new"], legacy::symlink)
}

pub(crate) fn unlink(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    Report::new().path("path", path).outcome(legacy::unlink(&c_path(path)?))
}

pub(crate) fn rmdir(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    Report::new().path("path", path).outcome(legacy::rmdir(&c_path(path)?))
}

pub(crate) fn chmod(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (path, mode) = (arguments.path(0)?, arguments.mode(1)?);
    Report::new().path("path", path).with("mode", mode).outcome(legacy::chmod(&c_path(path)?, mode))
}

pub(crate) fn chmod_open_file(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (path, mode) = (arguments.path(0)?, arguments.mode(1)?);
    let file = std::fs::File::open(path)?;
    let result = fchmod(file, Mode::from_bits_retain(mode));
    Report::new().path("path", path).with("mode", mode).outcome(result)
}

pub(crate) fn chown(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (path, uid, gid) = (arguments.path(0)?, arguments.value(1)?, arguments.value(2)?);
    let result = legacy::chown(&c_path(path)?, uid, gid);
    Report::new().path("path", path).with("uid", uid).with("gid", gid).outcome(result)
}

pub(crate) fn chown_open_file(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (path, uid, gid) = (arguments.path(0)?, arguments.value(1)?, arguments.value(2)?);
    let file = std::fs::File::open(path)?;
    let result = fchown(file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    Report::new().path("path", path).with("uid", uid).with("gid", gid).outcome(result)
}

pub(crate) fn mknod(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let path = arguments.path(0)?;
    // The character device is /dev/null, which is as harmless under any name.
    let (file_type, device) = match arguments.choice(1, &["fifo", "char", "file"])? {
        "char" => (libc::S_IFCHR, libc::makedev(1, 3)),
        "file" => (libc::S_IFREG, 0),
        _ => (libc::S_IFIFO, 0),
    };
    let mode = file_type | MODE;
    Report::new().path("path", path).with("mode", mode).outcome(legacy::mknod(&c_path(path)?, mode, device))
}
