//! What `f:` rules ask of the host.

use std::{
    fs::File,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FileType, OFlags},
    io::Errno,
};
use thiserror::Error;

use super::{Cause, Host, lines, root::Found};

/// What is in it depends on the namespaces of whoever reads.
const OF_NAMESPACES: &str = "/proc/sys";

/// What a file is, for the evidence of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Where it is, links resolved, seen from the host's root.
    pub path: PathBuf,
    /// Kind and permission bits, as st_mode of stat(2).
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// In bytes.
    pub size: u64,
}

/// Whether there is a regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Existence {
    /// There is.
    Present(FileFacts),
    /// There is nothing of that name.
    Missing,
    /// It cannot be known, or it is something else.
    Invalid(FileFault),
}

/// Why there is no answer about a file. The texts are the stock agent's, but for the last four.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FileFault {
    /// There is no such file, which only those who want its content call a fault.
    #[error("Could not open file '{}'", .path.display())]
    Missing {
        /// As the policy names it.
        path: PathBuf,
    },
    /// A link or a folder on the way cannot be followed.
    #[error("Could not resolve the real path of '{}': {cause}", .path.display())]
    Unresolved {
        /// As the policy names it.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// A folder, a FIFO, a socket or a device. None of them is opened.
    #[error("FILE_EXISTS({}) -> RETURN_INVALID: Not a regular file.", .path.display())]
    Irregular {
        /// As the policy names it.
        path: PathBuf,
    },
    /// It is there and may not be read.
    #[error("Could not open file '{}': {cause}", .path.display())]
    Unopened {
        /// As the policy names it.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// Reading it failed midway, where the stock agent takes the file to be at its end.
    #[error("Could not read file '{}': {cause}", .path.display())]
    Unread {
        /// As the policy names it.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// It says something else in every namespace, and those of the host cannot be entered.
    #[error("'{}' is the container's own, and the host's namespaces cannot be entered: {cause}", .path.display())]
    OfContainer {
        /// As the policy names it.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// Nobody stopped reading within [`super::Limits::file_bytes`].
    #[error("File '{}' is larger than {bytes} bytes, and nothing was found in these", .path.display())]
    TooLarge {
        /// As the policy names it.
        path: PathBuf,
        /// The limit.
        bytes: u64,
    },
    /// Nobody stopped reading within [`super::Limits::file_time`].
    #[error("File '{}' took longer than {seconds} s to read", .path.display())]
    TooSlow {
        /// As the policy names it.
        path: PathBuf,
        /// The limit.
        seconds: u64,
    },
}

impl Host {
    /// Whether there is a regular file at `path`, through all links.
    pub fn existence(&self, path: impl AsRef<Path>) -> Existence {
        match self.regular(path.as_ref()) {
            Ok(found) => Existence::Present(self.facts(&found)),
            Err(FileFault::Missing { .. }) => Existence::Missing,
            Err(fault) => Existence::Invalid(fault),
        }
    }

    /// Reads a file line by line until `line` breaks or the file ends, as the stock agent reads it: at most 2047 bytes are
    /// one line, what comes after a NUL byte is left out, and so are line feeds and carriage returns at the end.
    ///
    /// # Errors
    /// When there is no such file, it is no regular one, it cannot be read, or `line` did not break within the limits.
    pub fn read_lines(
        &self,
        path: impl AsRef<Path>,
        line: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<FileFacts, FileFault> {
        let path = path.as_ref();
        let found = self.regular(path)?;
        let fault = |cause| FileFault::Unopened { path: path.to_owned(), cause };
        let file = found.open(OFlags::empty()).map_err(|errno| fault(errno.into()))?;
        lines::read(File::from(file), &self.limits, line).map_err(|stop| stop.of(path, &self.limits))?;
        Ok(self.facts(&found))
    }

    fn regular(&self, path: &Path) -> Result<Found, FileFault> {
        if let Some(cause) = self.outside.get()
            && path.starts_with(OF_NAMESPACES)
        {
            return Err(FileFault::OfContainer { path: path.to_owned(), cause: *cause });
        }
        match self.root.find(path) {
            Ok(found) if FileType::from_raw_mode(found.stat.st_mode).is_file() => Ok(found),
            Ok(_) => Err(FileFault::Irregular { path: path.to_owned() }),
            Err(Errno::NOENT) => Err(FileFault::Missing { path: path.to_owned() }),
            Err(errno) => Err(FileFault::Unresolved { path: path.to_owned(), cause: errno.into() }),
        }
    }

    pub(super) fn facts(&self, found: &Found) -> FileFacts {
        FileFacts {
            path: self.root.place(found),
            mode: found.stat.st_mode,
            uid: found.stat.st_uid,
            gid: found.stat.st_gid,
            size: u64::try_from(found.stat.st_size).unwrap_or_default(),
        }
    }
}
