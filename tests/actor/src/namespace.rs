//! Namespaces by the names that the events give them.

use std::{fs::File, os::fd::AsRawFd as _, path::PathBuf};

use rustix::{
    net::{AddressFamily, SocketType, socket},
    thread::{UnshareFlags, unshare_unsafe},
};

use crate::{arguments::Usage, raw::checked};

const TYPES: [(&str, UnshareFlags); 8] = [
    ("mnt", UnshareFlags::NEWNS),
    ("pid", UnshareFlags::NEWPID),
    ("net", UnshareFlags::NEWNET),
    ("uts", UnshareFlags::NEWUTS),
    ("ipc", UnshareFlags::NEWIPC),
    ("cgroup", UnshareFlags::NEWCGROUP),
    ("user", UnshareFlags::NEWUSER),
    ("time", UnshareFlags::NEWTIME),
];

/// Reads `mnt,pid`.
pub(crate) fn flags(list: &str) -> Result<UnshareFlags, Usage> {
    list.split(',').try_fold(UnshareFlags::empty(), |flags, name| {
        let (_, flag) = TYPES
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Usage(format!("`{name}` is no type of namespace")))?;
        Ok(flags | *flag)
    })
}

pub(crate) fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    // SAFETY: what would be unsound is to unshare the descriptors of one thread, and that is none of the types.
    unsafe { unshare_unsafe(flags) }
}

/// One of this process's namespaces.
pub(crate) fn of_this_process(name: &str) -> std::io::Result<File> {
    File::open(PathBuf::from("/proc/self/ns").join(name))
}

/// Raises the loopback device, which is down in a new network namespace.
pub(crate) fn raise_loopback() -> anyhow::Result<()> {
    let mut name = [0; libc::IFNAMSIZ];
    for (slot, letter) in name.iter_mut().zip(b"lo") {
        *slot = libc::c_char::try_from(*letter)?;
    }
    let flags = libc::c_short::try_from(libc::IFF_UP)?;
    let request =
        libc::ifreq { ifr_name: name, ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: flags } };
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    // SAFETY: the request outlives the call, which reads name and flags from it.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    checked(result.into())?;
    Ok(())
}

/// Mounts of this process's own: what it mounts from now on is gone when it ends, and nobody else sees it.
pub(crate) fn private_mounts() -> anyhow::Result<()> {
    use rustix::mount::{MountPropagationFlags, mount_change};
    unshare(UnshareFlags::NEWNS)?;
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    Ok(())
}
