use std::{ffi::CStr, os::fd::OwnedFd};

use rustix::{
    fs::{
        AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, chmodat, chownat, linkat, mknodat, openat, renameat,
        symlinkat, unlinkat,
    },
    io::Errno,
};

type Done = Result<(), Errno>;

pub(crate) fn open(path: &CStr, flags: u32, mode: u32) -> Result<OwnedFd, Errno> {
    openat(CWD, path, OFlags::from_bits_retain(flags), Mode::from_bits_retain(mode))
}

pub(crate) fn creat(path: &CStr, mode: u32) -> Result<OwnedFd, Errno> {
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::TRUNC;
    openat(CWD, path, flags, Mode::from_bits_retain(mode))
}

pub(crate) fn rename(old: &CStr, new: &CStr) -> Done {
    renameat(CWD, old, CWD, new)
}

pub(crate) fn link(old: &CStr, new: &CStr) -> Done {
    linkat(CWD, old, CWD, new, AtFlags::empty())
}

pub(crate) fn symlink(target: &CStr, new: &CStr) -> Done {
    symlinkat(target, CWD, new)
}

pub(crate) fn unlink(path: &CStr) -> Done {
    unlinkat(CWD, path, AtFlags::empty())
}

pub(crate) fn rmdir(path: &CStr) -> Done {
    unlinkat(CWD, path, AtFlags::REMOVEDIR)
}

pub(crate) fn chmod(path: &CStr, mode: u32) -> Done {
    chmodat(CWD, path, Mode::from_bits_retain(mode), AtFlags::empty())
}

pub(crate) fn chown(path: &CStr, uid: u32, gid: u32) -> Done {
    chownat(CWD, path, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)), AtFlags::empty())
}

pub(crate) fn mknod(path: &CStr, mode: u32, device: u64) -> Done {
    mknodat(CWD, path, FileType::from_raw_mode(mode), Mode::from_raw_mode(mode), device)
}
