//! Mounts, all of them in a mount namespace of the actor's own.

use std::{
    ffi::{CString, c_ulong},
    os::fd::AsRawFd as _,
    path::Path,
    ptr::null,
};

use anyhow::Context as _;
use rustix::{
    fs::CWD,
    io::Errno,
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
        fsconfig_create, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree, unmount,
    },
    process::pivot_root,
};

use crate::{
    arguments::{Arguments, Usage, c_path},
    namespace::private_mounts,
    raw::{address, call, checked},
    report::{Lacking, Report},
};

const FLAGS: [(&str, c_ulong); 9] = [
    ("bind", libc::MS_BIND),
    ("move", libc::MS_MOVE),
    ("rec", libc::MS_REC),
    ("remount", libc::MS_REMOUNT),
    ("rdonly", libc::MS_RDONLY),
    ("nosuid", libc::MS_NOSUID),
    ("nodev", libc::MS_NODEV),
    ("noexec", libc::MS_NOEXEC),
    ("private", libc::MS_PRIVATE),
];

/// struct mount_attr of mount_setattr(2).
#[repr(C)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

fn flags(list: &str) -> Result<c_ulong, Usage> {
    list.split(',').filter(|name| !name.is_empty()).try_fold(0, |flags, name| {
        let (_, flag) = FLAGS
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Usage(format!("`{name}` is no mount flag")))?;
        Ok(flags | flag)
    })
}

fn mount_classic(
    source: &Path,
    target: &Path,
    fs_type: &str,
    flags: c_ulong,
) -> anyhow::Result<Result<(), Errno>> {
    let (source, target, fs_type) = (c_path(source)?, c_path(target)?, CString::new(fs_type)?);
    // SAFETY: the texts end in NUL and outlive the call, and there are no data.
    let result = unsafe { libc::mount(source.as_ptr(), target.as_ptr(), fs_type.as_ptr(), flags, null()) };
    Ok(checked(result.into()).map(drop))
}

pub(crate) fn mount(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (source, target, fs_type) = (arguments.path(0)?, arguments.path(1)?, arguments.text(2)?);
    let names = arguments.text_or(3, "")?;
    let flags = flags(names)?;
    private_mounts()?;
    let result = mount_classic(source, target, fs_type, flags)?;
    let report = Report::new().path("source", source).path("target", target);
    report.with("type", fs_type).with("flags", names).outcome(result)
}

pub(crate) fn umount(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let target = arguments.path(0)?;
    private_mounts()?;
    mount_classic(Path::new("none"), target, "tmpfs", 0)?.context("nothing to unmount")?;
    Report::new().path("target", target).outcome(unmount(target, UnmountFlags::DETACH))
}

pub(crate) fn mount_new(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (fs_type, source, target) = (arguments.text(0)?, arguments.text(1)?, arguments.path(2)?);
    private_mounts()?;
    let context = present(fsopen(fs_type, FsOpenFlags::FSOPEN_CLOEXEC))?;
    fsconfig_set_string(&context, "source", source).context("fsconfig")?;
    fsconfig_create(&context).context("fsconfig")?;
    let mounted =
        fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty()).context("fsmount")?;
    let result = move_mount(&mounted, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH);
    Report::new().with("type", fs_type).with("source", source).path("target", target).outcome(result)
}

pub(crate) fn bind_new(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let (source, target) = (arguments.path(0)?, arguments.path(1)?);
    private_mounts()?;
    let clone = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let tree = present(open_tree(CWD, source, clone))?;
    let result = move_mount(&tree, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH);
    Report::new().path("source", source).path("target", target).outcome(result)
}

/// Tells a kernel without the call from one that refuses it.
fn present<T>(result: Result<T, Errno>) -> anyhow::Result<T> {
    match result {
        Err(Errno::NOSYS) => Err(Lacking("the kernel has no such call".to_owned()).into()),
        other => Ok(other?),
    }
}

pub(crate) fn set_attributes(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let target = arguments.path(0)?;
    private_mounts()?;
    mount_classic(Path::new("none"), target, "tmpfs", 0)?.context("nothing to change")?;
    let folder = std::fs::File::open(target)?;
    let attributes =
        MountAttributes { set: libc::MOUNT_ATTR_RDONLY, clear: 0, propagation: 0, user_namespace: 0 };
    let descriptor = usize::try_from(folder.as_raw_fd())?;
    let empty = c"";
    let flags = usize::try_from(libc::AT_EMPTY_PATH)?;
    let all = [descriptor, address(empty), flags, address(&attributes), size_of::<MountAttributes>()];
    // SAFETY: path and structure outlive the call.
    let result = unsafe { call(libc::SYS_mount_setattr, all) };
    Report::new().path("target", target).outcome(result)
}

pub(crate) fn pivot(arguments: Arguments<'_>) -> anyhow::Result<Report> {
    let root = arguments.path(0)?;
    private_mounts()?;
    mount_classic(Path::new("none"), root, "tmpfs", 0)?.context("no new root")?;
    let old = root.join("old");
    std::fs::DirBuilder::new().create(&old)?;
    Report::new().path("root", root).path("old", &old).outcome(pivot_root(root, &old))
}
