//! The host's namespaces, as far as what is read of the host depends on them.

use std::{fs::File, io, os::fd::AsFd as _};

use rustix::{
    fs::{fstat, stat},
    io::Errno,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};

/// Inode numbers of the kernel's first namespaces (PROC_PID_INIT_INO, PROC_CGROUP_INIT_INO, include/linux/proc_ns.h).
const FIRST_PROCESSES: u64 = 0xefff_fffc;
const FIRST_CGROUPS: u64 = 0xefff_fffb;

/// Who is in the first cgroup namespace: the kernel's own threads in any case, and mostly the host's first process.
const RESIDENTS: [&str; 2] = ["/proc/2/ns/cgroup", "/proc/1/ns/cgroup"];

/// Why cgroups are not seen as the kernel tells of them.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// The namespace cannot be looked at, which takes CAP_SYS_PTRACE, or entered, which takes CAP_SYS_ADMIN.
    #[error("the host's cgroup namespace: {0}; that takes CAP_SYS_PTRACE and CAP_SYS_ADMIN")]
    Refused(io::Error),
    /// /proc shows nobody who is in it.
    #[error("nobody is seen in the host's cgroup namespace; that takes the host's process namespace")]
    NotFound,
}

impl From<Errno> for NamespaceError {
    fn from(error: Errno) -> Self {
        Self::Refused(error.into())
    }
}

/// Moves the calling thread, and all that it starts from then on, into the kernel's first cgroup namespace; whether that is
/// another than before. In one of its own, as containers mostly have, /proc says of every cgroup where it lies from there,
/// while the kernel's events say where it is on the host.
///
/// To be called before there is a second thread.
///
/// # Errors
/// [`NamespaceError`] where that is not possible; nothing has changed then.
pub fn join_host_cgroups() -> Result<bool, NamespaceError> {
    match stat("/proc/thread-self/ns/cgroup") {
        // A kernel without such namespaces has none to leave.
        Err(Errno::NOENT) => return Ok(false),
        found if found?.st_ino == FIRST_CGROUPS => return Ok(false),
        _ => {}
    }
    let mut refused = None;
    for resident in RESIDENTS {
        match File::open(resident) {
            Ok(theirs) if fstat(&theirs)?.st_ino == FIRST_CGROUPS => {
                move_into_link_name_space(theirs.as_fd(), Some(LinkNameSpaceType::ControlGroup))?;
                return Ok(true);
            }
            Ok(_) => {}
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.map_or(NamespaceError::NotFound, NamespaceError::Refused))
}

/// Whether /proc numbers processes as the kernel's events do. In a process namespace of its own the agent finds nobody who
/// lived before it, and takes others for them.
#[must_use]
pub fn has_host_processes() -> bool {
    // Where it is not known, what is missing shows elsewhere.
    stat("/proc/self/ns/pid").map_or(true, |found| found.st_ino == FIRST_PROCESSES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_nothing_to_join_twice() {
        match join_host_cgroups() {
            Ok(_) => assert!(!join_host_cgroups().unwrap()),
            Err(NamespaceError::Refused(error)) => {
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            }
            Err(NamespaceError::NotFound) => assert!(!has_host_processes()),
        }
    }
}
