use std::{
    ffi::{CStr, c_long},
    os::fd::{FromRawFd as _, OwnedFd, RawFd},
};

use rustix::io::Errno;

use crate::raw::{address, call};

type Done = Result<(), Errno>;

fn one(number: c_long, path: &CStr, second: usize, third: usize) -> Result<usize, Errno> {
    // SAFETY: the calls below read one path, and take numbers besides.
    unsafe { call(number, [address(path), second, third]) }
}

fn two(number: c_long, first: &CStr, second: &CStr) -> Done {
    // SAFETY: the calls below read two paths.
    unsafe { call(number, [address(first), address(second)]) }.map(drop)
}

fn owned(descriptor: usize) -> Result<OwnedFd, Errno> {
    let descriptor = RawFd::try_from(descriptor).map_err(|_| Errno::OVERFLOW)?;
    // SAFETY: the kernel has just given it to this process, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

pub(crate) fn open(path: &CStr, flags: u32, mode: u32) -> Result<OwnedFd, Errno> {
    one(libc::SYS_open, path, flags as usize, mode as usize).and_then(owned)
}

pub(crate) fn creat(path: &CStr, mode: u32) -> Result<OwnedFd, Errno> {
    one(libc::SYS_creat, path, mode as usize, 0).and_then(owned)
}

pub(crate) fn rename(old: &CStr, new: &CStr) -> Done {
    two(libc::SYS_rename, old, new)
}

pub(crate) fn link(old: &CStr, new: &CStr) -> Done {
    two(libc::SYS_link, old, new)
}

pub(crate) fn symlink(target: &CStr, new: &CStr) -> Done {
    two(libc::SYS_symlink, target, new)
}

pub(crate) fn unlink(path: &CStr) -> Done {
    one(libc::SYS_unlink, path, 0, 0).map(drop)
}

pub(crate) fn rmdir(path: &CStr) -> Done {
    one(libc::SYS_rmdir, path, 0, 0).map(drop)
}

pub(crate) fn chmod(path: &CStr, mode: u32) -> Done {
    one(libc::SYS_chmod, path, mode as usize, 0).map(drop)
}

pub(crate) fn chown(path: &CStr, uid: u32, gid: u32) -> Done {
    one(libc::SYS_chown, path, uid as usize, gid as usize).map(drop)
}

pub(crate) fn mknod(path: &CStr, mode: u32, device: u64) -> Done {
    let device = usize::try_from(device).map_err(|_| Errno::OVERFLOW)?;
    one(libc::SYS_mknod, path, mode as usize, device).map(drop)
}
