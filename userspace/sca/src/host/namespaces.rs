//! The host's namespaces, which are those of its first process.

use std::os::fd::{AsFd, OwnedFd};

use rustix::{
    fs::{Mode, OFlags, fstat, openat, stat},
    io::Errno,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};

/// A kind of namespace, and its name below /proc/PID/ns.
pub(super) type Kind = (&'static str, LinkNameSpaceType);

/// What a thread may have of its own among others. Each can be entered without the rest of the process.
pub(super) const OF_THREAD: [Kind; 3] = [
    ("net", LinkNameSpaceType::Network),
    ("uts", LinkNameSpaceType::HostNameAndNISDomainName),
    ("ipc", LinkNameSpaceType::InterProcessCommunication),
];

/// What a process with one thread can enter, in the order in which to: the mounts come last, as nothing of the old ones can
/// be named afterwards.
pub(super) const OF_PROCESS: [Kind; 5] = [
    ("net", LinkNameSpaceType::Network),
    ("uts", LinkNameSpaceType::HostNameAndNISDomainName),
    ("ipc", LinkNameSpaceType::InterProcessCommunication),
    ("cgroup", LinkNameSpaceType::ControlGroup),
    ("mnt", LinkNameSpaceType::Mount),
];

/// Applies to children only.
pub(super) const OF_CHILDREN: Kind = ("pid", LinkNameSpaceType::ProcessID);

/// Moves the calling thread into those namespaces of the first process of `proc` that are not its own already.
pub(super) fn join(proc: impl AsFd, kinds: &[Kind]) -> Result<(), Errno> {
    let mut foreign = Vec::new();
    for (name, kind) in kinds {
        foreign.extend(other(&proc, name)?.map(|namespace| (namespace, *kind)));
    }
    for (namespace, kind) in &foreign {
        move_into_link_name_space(namespace.as_fd(), Some(*kind))?;
    }
    Ok(())
}

/// Moves the children to come into the process namespace of the first process of `proc`, where that is another; whether
/// it is. The kernel allows those inside our own only (EINVAL otherwise).
pub(super) fn move_children(proc: impl AsFd) -> Result<bool, Errno> {
    let (name, kind) = OF_CHILDREN;
    let Some(namespace) = other(proc, name)? else { return Ok(false) };
    move_into_link_name_space(namespace.as_fd(), Some(kind)).map(|()| true)
}

/// The namespace of the first process of `proc`, unless it is the calling thread's. A kernel without such namespaces has
/// none.
fn other(proc: impl AsFd, name: &str) -> Result<Option<OwnedFd>, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let opened = match openat(proc, format!("1/ns/{name}"), flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        opened => opened?,
    };
    let (theirs, ours) = (fstat(&opened)?, stat(format!("/proc/thread-self/ns/{name}"))?);
    let same = (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino);
    Ok((!same).then_some(opened))
}
