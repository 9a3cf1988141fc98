use crate::{
    Category,
    names::{Flags, Names},
};

/// Something done with a file or its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCall {
    /// The path acted on, absolute as the caller's root sees it. Of two names the one that goes (rename) or comes
    /// (link, symlink).
    pub path: Box<str>,
    /// What was done.
    pub operation: FileOperation,
}

/// What was done with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOperation {
    /// Opened for reading only.
    Open(OpenFlags),
    /// Opened for writing, or emptied.
    Write(OpenFlags),
    /// Made by being opened.
    Create {
        /// How it was opened.
        flags: OpenFlags,
        /// Its permissions.
        mode: u16,
    },
    /// Given another name.
    Rename {
        /// The new path.
        to: Box<str>,
    },
    /// Its name was removed.
    Unlink,
    /// A directory was removed.
    Rmdir,
    /// Given one more name.
    Link {
        /// The path that it has already.
        existing: Box<str>,
    },
    /// A symbolic link was made.
    Symlink {
        /// What it says; relative to where it lies unless it begins with a slash.
        text: Box<str>,
    },
    /// Its permissions were set.
    Chmod {
        /// To these.
        mode: u16,
    },
    /// Its owner was set; none where it was left as it is.
    Chown {
        /// User.
        uid: Option<u32>,
        /// Group.
        gid: Option<u32>,
    },
    /// A device, a FIFO or the like was made.
    Mknod {
        /// Type and permissions, as st_mode has them.
        mode: u16,
        /// Number of the device, in the form of mknod(2).
        device: u32,
    },
}

impl FileOperation {
    /// The value of the field `event.operation`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Write(_) => "write",
            Self::Create { .. } => "create",
            Self::Rename { .. } => "rename",
            Self::Unlink => "unlink",
            Self::Rmdir => "rmdir",
            Self::Link { .. } => "link",
            Self::Symlink { .. } => "symlink",
            Self::Chmod { .. } => "chmod",
            Self::Chown { .. } => "chown",
            Self::Mknod { .. } => "mknod",
        }
    }

    /// The category whose rules look at it.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::Open(_) => Category::FileAccess,
            Self::Write(_)
            | Self::Create { .. }
            | Self::Link { .. }
            | Self::Symlink { .. }
            | Self::Mknod { .. } => Category::FileEvent,
            Self::Rename { .. } => Category::FileRename,
            Self::Unlink | Self::Rmdir => Category::FileDelete,
            Self::Chmod { .. } | Self::Chown { .. } => Category::FileChange,
        }
    }

    /// Whether it leaves the file and its name as they are.
    #[must_use]
    pub const fn only_reads(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// How it was opened.
    #[must_use]
    pub const fn flags(&self) -> Option<OpenFlags> {
        match self {
            Self::Open(flags) | Self::Write(flags) | Self::Create { flags, .. } => Some(*flags),
            _ => None,
        }
    }

    /// The mode that it was given.
    #[must_use]
    pub const fn mode(&self) -> Option<u16> {
        match self {
            Self::Create { mode, .. } | Self::Chmod { mode } | Self::Mknod { mode, .. } => Some(*mode),
            _ => None,
        }
    }

    /// Whether it made the file or name; none of what is no making or writing.
    #[must_use]
    pub const fn created(&self) -> Option<bool> {
        match self {
            Self::Write(_) => Some(false),
            Self::Create { .. } | Self::Link { .. } | Self::Symlink { .. } | Self::Mknod { .. } => Some(true),
            _ => None,
        }
    }

    /// Whether the permissions that were set make programs act as the file's owner or group.
    #[must_use]
    pub const fn sets_id(&self) -> Option<bool> {
        match self {
            Self::Chmod { mode } => Some(*mode & SET_ID != 0),
            _ => None,
        }
    }

    /// The other path: the value of the field `file.target`.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Rename { to: path } | Self::Link { existing: path } | Self::Symlink { text: path } => {
                Some(path)
            }
            _ => None,
        }
    }
}

/// S_ISUID and S_ISGID (include/uapi/linux/stat.h).
const SET_ID: u16 = 0o6000;

/// How a file was opened: `O_*` of open(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OpenFlags(pub u32);

/// Reading, writing, both, or neither (what ioctl(2) needs).
const ACCESS: [&str; 4] = ["rdonly", "wronly", "rdwr", "none"];

/// include/uapi/asm-generic/fcntl.h; O_LARGEFILE, which the kernel sets itself, is left out.
const OPEN_FLAGS: &Flags = &[
    (0o100, "creat"),
    (0o200, "excl"),
    (0o400, "noctty"),
    (0o1000, "trunc"),
    (0o2000, "append"),
    (0o4000, "nonblock"),
    (0o4_010_000, "sync"),
    (O_DIRECT, "direct"),
    (O_DIRECTORY, "directory"),
    (O_NOFOLLOW, "nofollow"),
    (0o1_000_000, "noatime"),
    (0o2_000_000, "cloexec"),
    (0o10_000_000, "path"),
    (0o20_000_000, "tmpfile"),
];

/// Where the architectures differ (arch/arm64/include/uapi/asm/fcntl.h, include/uapi/asm-generic/fcntl.h).
const O_DIRECTORY: u64 = if ARM { 0o40_000 } else { 0o200_000 };
const O_NOFOLLOW: u64 = if ARM { 0o100_000 } else { 0o400_000 };
const O_DIRECT: u64 = if ARM { 0o200_000 } else { 0o40_000 };
const ARM: bool = cfg!(target_arch = "aarch64");

impl OpenFlags {
    const ACCESS_MODE: u32 = 3;
    const CREAT: u32 = 0o100;
    const TRUNC: u32 = 0o1000;

    /// Whether the file can be changed by it.
    #[must_use]
    pub const fn writes(self) -> bool {
        self.0 & Self::ACCESS_MODE != 0 || self.0 & Self::TRUNC != 0
    }

    /// Whether the file is made where there is none.
    #[must_use]
    pub const fn creates(self) -> bool {
        self.0 & Self::CREAT != 0
    }

    /// The flags by name, joined with commas: first rdonly, wronly or rdwr.
    #[must_use]
    pub fn names(self) -> Names {
        let access = ACCESS.get((self.0 & Self::ACCESS_MODE) as usize).copied().unwrap_or_default();
        Names::one(access).and(OPEN_FLAGS, self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::OpenFlags;

    #[test]
    fn open_flags_have_names_and_meanings() {
        for (flags, names, writes, creates) in [
            (0, "rdonly", false, false),
            (0o1, "wronly", true, false),
            (0o2_000_002, "rdwr,cloexec", true, false),
            // Emptied without being open for writing.
            (0o1000, "rdonly,trunc", true, false),
            (0o101, "wronly,creat", true, true),
            // O_SYNC holds O_DSYNC, which alone has no name here.
            (0o4_010_000, "rdonly,sync", false, false),
            (0o10_000, "rdonly", false, false),
            (0o3, "none", true, false),
        ] {
            let flags = OpenFlags(flags);
            assert_eq!(
                (&*flags.names().to_string(), flags.writes(), flags.creates()),
                (names, writes, creates)
            );
        }
    }
}
