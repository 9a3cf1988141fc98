//! What `d:` rules ask of the host.

use std::{
    ffi::OsStr,
    ops::ControlFlow,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    time::Instant,
};

use rustix::{
    fs::{AtFlags, Dir, DirEntry, FileType, Mode, OFlags, fstatfs, openat, statat},
    io::Errno,
};
use thiserror::Error;

use super::{Cause, FileFacts, Host, root::Found};

/// File systems that the stock agent's `skip_nfs` leaves alone, by f_type of statfs(2): a server that is gone stops whoever
/// looks at them, and theirs are another machine's files. FUSE is not among them, as it is not there.
const REMOTE: [u32; 4] = [NFS, SMB, CIFS, SMB2];
const NFS: u32 = 0x6969;
const SMB: u32 = 0x517b;
const CIFS: u32 = 0xff53_4d42;
const SMB2: u32 = 0xfe53_4d42;

/// Whether there is a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderExistence {
    /// There is, and its entries can be listed.
    Present(FileFacts),
    /// There is nothing of that name.
    Missing,
    /// It cannot be known, or it is something else.
    Invalid(FolderFault),
}

/// Why there is no answer about a folder. The texts are the stock agent's, but for the last four.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FolderFault {
    /// There is no such folder, which only those who want its entries call a fault.
    #[error("Could not open dir '{}'", .path.display())]
    Missing {
        /// As the policy names it.
        path: PathBuf,
    },
    /// Whether it is there cannot be known, or it is something else.
    #[error("Could not check directory existence for '{}': {cause}", .path.display())]
    Unchecked {
        /// As the policy names it.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// It may not be listed.
    #[error("Could not open '{}': {cause}", .path.display())]
    Unopened {
        /// As the policy names it, and below.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// It is another machine's.
    #[error("Directory '{}' flagged as NFS and skip_nfs is enabled", .path.display())]
    Remote {
        /// As the policy names it, and below.
        path: PathBuf,
    },
    /// Listing it failed midway.
    #[error("Could not read dir '{}': {cause}", .path.display())]
    Unread {
        /// As the policy names it, and below.
        path: PathBuf,
        /// The kernel's error.
        cause: Cause,
    },
    /// It lies deeper than [`super::Limits::walk_depth`].
    #[error("Directory '{}' lies more than {depth} levels deep", .path.display())]
    TooDeep {
        /// As the policy names it, and below.
        path: PathBuf,
        /// The limit.
        depth: usize,
    },
    /// There are more entries in it than [`super::Limits::walk_entries`], and in those below.
    #[error("Directory '{}' has more than {entries} entries", .path.display())]
    TooMany {
        /// As the policy names it.
        path: PathBuf,
        /// The limit.
        entries: u64,
    },
    /// The walk took longer than [`super::Limits::walk_time`].
    #[error("Directory '{}' took longer than {seconds} s to walk through", .path.display())]
    TooSlow {
        /// As the policy names it.
        path: PathBuf,
        /// The limit.
        seconds: u64,
    },
}

/// What a walk comes upon.
#[derive(Debug)]
pub enum Walked<'a> {
    /// An entry that is no folder: a file, a link to anything, a device.
    Entry {
        /// The folder as the policy names it, and the way to the entry. Need not be UTF-8.
        path: &'a Path,
        /// The last part of it.
        name: &'a [u8],
    },
    /// A folder below that cannot be walked through; the walk goes on after it.
    Fault(&'a FolderFault),
}

/// How a walk went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WalkFacts {
    /// Entries looked at, folders included.
    pub entries: u64,
    /// Folders listed, the first included.
    pub folders: u64,
}

impl Host {
    /// Whether there is a folder at `path`, through all links.
    pub fn folder(&self, path: impl AsRef<Path>) -> FolderExistence {
        let path = path.as_ref();
        let unchecked = |errno: Errno| FolderFault::Unchecked { path: path.to_owned(), cause: errno.into() };
        let (found, opened) = match self.found_folder(path) {
            Ok(folder) => folder,
            Err(Refusal::Remote) => {
                return FolderExistence::Invalid(FolderFault::Remote { path: path.to_owned() });
            }
            Err(Refusal::Kernel(Errno::NOENT)) => return FolderExistence::Missing,
            Err(Refusal::Kernel(errno)) => return FolderExistence::Invalid(unchecked(errno)),
        };
        drop(opened);
        FolderExistence::Present(self.facts(&found))
    }

    /// Walks through a folder and those below it, in the order in which the kernel lists them, and hands over each entry
    /// that is no folder, until `visit` breaks. Links to folders are entries as other links: they are not followed.
    ///
    /// # Errors
    /// When the folder cannot be listed, or `visit` did not break within the limits.
    pub fn walk(
        &self,
        folder: impl AsRef<Path>,
        visit: &mut dyn FnMut(Walked<'_>) -> ControlFlow<()>,
    ) -> Result<WalkFacts, FolderFault> {
        let path = folder.as_ref().to_owned();
        let opened = self.found_folder(&path).map_err(|refusal| match refusal {
            Refusal::Remote => FolderFault::Remote { path: path.clone() },
            Refusal::Kernel(Errno::NOENT) => FolderFault::Missing { path: path.clone() },
            Refusal::Kernel(errno) => FolderFault::Unopened { path: path.clone(), cause: errno.into() },
        })?;
        let walk = Walk {
            host: self,
            started: Instant::now(),
            first: &path,
            path: path.clone(),
            levels: vec![opened.1],
            facts: WalkFacts { entries: 0, folders: 1 },
        };
        walk.go(visit)
    }

    fn found_folder(&self, path: &Path) -> Result<(Found, Dir), Refusal> {
        let found = self.root.find(path)?;
        if !FileType::from_raw_mode(found.stat.st_mode).is_dir() {
            return Err(Refusal::Kernel(Errno::NOTDIR));
        }
        if self.is_left_alone(found.handle())? {
            return Err(Refusal::Remote);
        }
        let opened = Dir::new(found.open(OFlags::DIRECTORY)?)?;
        Ok((found, opened))
    }

    fn is_left_alone(&self, folder: impl std::os::fd::AsFd) -> Result<bool, Errno> {
        if !self.skip_nfs {
            return Ok(false);
        }
        // Sign-extended on some machines, so the low half is compared.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the numbers have 32 bits"
        )]
        let kind = fstatfs(folder)?.f_type as u32;
        Ok(REMOTE.contains(&kind))
    }
}

/// Why a folder is not listed.
enum Refusal {
    Remote,
    Kernel(Errno),
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        Self::Kernel(errno)
    }
}

/// A walk under way. The folders on the way down stay open, so that nobody can lead it astray by moving one.
struct Walk<'a> {
    host: &'a Host,
    started: Instant,
    first: &'a Path,
    path: PathBuf,
    levels: Vec<Dir>,
    facts: WalkFacts,
}

type Visit<'v> = dyn FnMut(Walked<'_>) -> ControlFlow<()> + 'v;

impl Walk<'_> {
    fn go(mut self, visit: &mut Visit<'_>) -> Result<WalkFacts, FolderFault> {
        while let Some(level) = self.levels.last_mut() {
            let step = match level.read() {
                Some(Ok(entry)) => {
                    self.count()?;
                    self.entry(&entry, visit)
                }
                Some(Err(errno)) => {
                    let fault = FolderFault::Unread { path: self.path.clone(), cause: errno.into() };
                    self.up();
                    visit(Walked::Fault(&fault))
                }
                None => {
                    self.up();
                    ControlFlow::Continue(())
                }
            };
            if step.is_break() {
                break;
            }
        }
        Ok(self.facts)
    }

    fn up(&mut self) {
        self.levels.pop();
        if !self.levels.is_empty() {
            self.path.pop();
        }
    }

    fn count(&mut self) -> Result<(), FolderFault> {
        let limits = &self.host.limits;
        self.facts.entries += 1;
        if self.facts.entries > limits.walk_entries {
            return Err(FolderFault::TooMany { path: self.first.to_owned(), entries: limits.walk_entries });
        }
        if self.started.elapsed() > limits.walk_time {
            let seconds = limits.walk_time.as_secs();
            return Err(FolderFault::TooSlow { path: self.first.to_owned(), seconds });
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, visit: &mut Visit<'_>) -> ControlFlow<()> {
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            self.facts.entries -= 1;
            return ControlFlow::Continue(());
        }
        self.path.push(OsStr::from_bytes(name));
        let is_folder = self.kind(entry).is_some_and(FileType::is_dir);
        if !is_folder {
            let step = visit(Walked::Entry { path: &self.path, name });
            self.path.pop();
            return step;
        }
        match self.down(entry) {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                self.path.pop();
                fault.map_or(ControlFlow::Continue(()), |fault| visit(Walked::Fault(&fault)))
            }
        }
    }

    /// None: it is gone.
    fn kind(&self, entry: &DirEntry) -> Option<FileType> {
        match entry.file_type() {
            FileType::Unknown => {
                let level = self.levels.last()?.fd().ok()?;
                let stat = statat(level, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
                Some(FileType::from_raw_mode(stat.st_mode))
            }
            kind => Some(kind),
        }
    }

    /// Goes into a folder; an error without a fault is a folder that is gone.
    fn down(&mut self, entry: &DirEntry) -> Result<(), Option<FolderFault>> {
        let depth = self.host.limits.walk_depth;
        let path = || self.path.clone();
        if self.levels.len() > depth {
            return Err(Some(FolderFault::TooDeep { path: path(), depth }));
        }
        let Some(level) = self.levels.last() else { return Err(None) };
        let opened = level.fd().and_then(|level| {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let folder = openat(level, entry.file_name(), flags, Mode::empty())?;
            Ok((self.host.is_left_alone(&folder)?, Dir::new(folder)?))
        });
        match opened {
            Ok((false, folder)) => {
                self.levels.push(folder);
                self.facts.folders += 1;
                Ok(())
            }
            Ok((true, _)) => Err(Some(FolderFault::Remote { path: path() })),
            Err(Errno::NOENT) => Err(None),
            Err(errno) => Err(Some(FolderFault::Unopened { path: path(), cause: errno.into() })),
        }
    }
}
