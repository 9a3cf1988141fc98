//! The root that all paths of policies are resolved in.

use std::{
    ffi::OsString,
    io,
    os::{
        fd::{AsFd, AsRawFd as _, OwnedFd},
        unix::ffi::{OsStrExt as _, OsStringExt as _},
    },
    path::{self, Path, PathBuf},
};

use rustix::{
    fs::{
        CWD, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, Stat, fstat, fstatfs, openat, openat2, readlinkat,
    },
    io::Errno,
};

/// How often a path is resolved again when somebody moved folders meanwhile (EAGAIN of openat2(2)).
const ATTEMPTS: usize = 16;

/// The host's root folder. `/` is opened as by everybody, the links of /proc that lead anywhere included. In any other
/// folder every link, `..` and absolute path stays inside (RESOLVE_IN_ROOT), and such links of /proc are refused.
#[derive(Debug)]
pub(super) struct Root {
    folder: OwnedFd,
    path: PathBuf,
    // The path as the kernel has it, which all paths inside begin with.
    prefix: PathBuf,
    foreign: bool,
    // Our own process as that root's /proc names it.
    own: Option<PathBuf>,
}

/// A file that was found, and not opened.
#[derive(Debug)]
pub(super) struct Found {
    handle: OwnedFd,
    /// What it is.
    pub(super) stat: Stat,
}

impl Root {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Not by where links lead: that of /proc/PID/root says `/`.
        let path = path::absolute(path)?;
        let foreign = path != Path::new("/");
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, &path, flags, Mode::empty())?;
        let prefix = link(CWD, &own_descriptor(&folder))?;
        let mut root = Self { folder, path, prefix, foreign, own: None };
        root.handle(Path::new("."), OFlags::empty())?;
        if foreign {
            let own = root.handle(Path::new("proc/self"), OFlags::NOFOLLOW);
            root.own = own.and_then(|own| link(own, "")).ok();
        }
        Ok(root)
    }

    /// Whether it is another root than that of this process.
    pub(super) const fn is_foreign(&self) -> bool {
        self.foreign
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn folder(&self) -> &OwnedFd {
        &self.folder
    }

    /// Finds a file by its path, through all links.
    pub(super) fn find(&self, path: &Path) -> Result<Found, Errno> {
        let handle = self.handle(path, OFlags::empty())?;
        let handle = match self.of_first_process(&handle) {
            Some(path) => self.handle(&path, OFlags::empty())?,
            None => handle,
        };
        let stat = fstat(&handle)?;
        Ok(Found { handle, stat })
    }

    /// The root's /proc.
    pub(super) fn proc(&self) -> Result<OwnedFd, Errno> {
        let found = self.find(Path::new("/proc"))?;
        if fstatfs(&found.handle)?.f_type != PROC_SUPER_MAGIC {
            return Err(Errno::NOENT);
        }
        found.open(OFlags::DIRECTORY)
    }

    /// The folder where the root's /proc is, whatever it is: the file system of a host that does not run has one as well.
    pub(super) fn proc_folder(&self) -> Result<OwnedFd, Errno> {
        self.find(Path::new("/proc"))?.open(OFlags::DIRECTORY)
    }

    /// Where the file is, seen from the root.
    pub(super) fn place(&self, found: &Found) -> PathBuf {
        self.place_of(&found.handle)
    }

    fn place_of(&self, handle: impl AsFd) -> PathBuf {
        let place = link(CWD, &own_descriptor(handle)).unwrap_or_default();
        match place.strip_prefix(&self.prefix) {
            Ok(inside) if self.foreign => Path::new("/").join(inside),
            _ => place,
        }
    }

    /// /proc/self of a foreign root is a process in a container, whose mounts and network are the container's. A policy
    /// asks for the host's: those of its first process.
    fn of_first_process(&self, handle: impl AsFd) -> Option<PathBuf> {
        let own = self.own.as_deref()?.as_os_str().as_bytes();
        let place = self.place_of(handle).into_os_string().into_vec();
        let inside = place.strip_prefix(b"/proc/")?.strip_prefix(own)?.strip_prefix(b"/")?;
        let thread =
            inside.strip_prefix(b"task/").and_then(|task| task.splitn(2, |byte| *byte == b'/').nth(1));
        let path = [&b"/proc/1/"[..], thread.unwrap_or(inside)].concat();
        Some(PathBuf::from(OsString::from_vec(path)))
    }

    fn handle(&self, path: &Path, more: OFlags) -> Result<OwnedFd, Errno> {
        let flags = OFlags::PATH | OFlags::CLOEXEC | more;
        if !self.foreign {
            return openat(&self.folder, path, flags, Mode::empty());
        }
        let mut outcome = Err(Errno::AGAIN);
        for _ in 0..ATTEMPTS {
            outcome = openat2(&self.folder, path, flags, Mode::empty(), ResolveFlags::IN_ROOT);
            if !matches!(outcome, Err(Errno::AGAIN)) {
                break;
            }
        }
        outcome
    }
}

impl Found {
    /// Opens for reading the very file that was found: a FIFO or a device that took its place is not touched.
    pub(super) fn open(&self, more: OFlags) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | more;
        openat(CWD, own_descriptor(&self.handle), flags, Mode::empty())
    }

    pub(super) const fn handle(&self) -> &OwnedFd {
        &self.handle
    }
}

fn link(folder: impl AsFd, path: &str) -> Result<PathBuf, Errno> {
    Ok(PathBuf::from(OsString::from_vec(readlinkat(folder, path, Vec::new())?.into_bytes())))
}

fn own_descriptor(handle: impl AsFd) -> String {
    format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd())
}
