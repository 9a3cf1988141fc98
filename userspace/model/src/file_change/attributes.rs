use std::{fmt, sync::Arc};

use crate::Timestamp;

const SET_USER_ID: u32 = 0o4000;
const SET_GROUP_ID: u32 = 0o2000;

/// What is known of a file at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAttributes {
    /// Bytes.
    pub size: u64,
    /// Permissions with the set-ID and sticky bits: the lowest twelve bits of st_mode.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// The owner's name on the host, where it has one.
    pub user: Option<Arc<str>>,
    /// The group's name on the host, where it has one.
    pub group: Option<Arc<str>>,
    /// The file's number on its file system.
    pub inode: u64,
    /// When its content was last written.
    pub mtime: Timestamp,
    /// Of its content; none where that was not read, because it is too much or could not be had.
    pub hashes: Option<FileHashes>,
}

/// Digests of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileHashes {
    /// MD5, for Wazuh and for looking things up; it proves nothing.
    pub md5: [u8; 16],
    /// SHA-1, likewise.
    pub sha1: [u8; 20],
    /// SHA-256.
    pub sha256: [u8; 32],
}

/// Something about a file that can be different from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileAttribute {
    /// [`FileAttributes::size`].
    Size,
    /// [`FileAttributes::mode`].
    Permission,
    /// [`FileAttributes::uid`].
    Uid,
    /// [`FileAttributes::gid`].
    Gid,
    /// [`FileAttributes::user`].
    User,
    /// [`FileAttributes::group`].
    Group,
    /// [`FileAttributes::inode`].
    Inode,
    /// [`FileAttributes::mtime`].
    Mtime,
    /// [`FileHashes::md5`].
    Md5,
    /// [`FileHashes::sha1`].
    Sha1,
    /// [`FileHashes::sha256`].
    Sha256,
}

impl FileAttribute {
    /// As Wazuh's agents call it in `changed_attributes`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Permission => "permission",
            Self::Uid => "uid",
            Self::Gid => "gid",
            Self::User => "user_name",
            Self::Group => "group_name",
            Self::Inode => "inode",
            Self::Mtime => "mtime",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

impl FileAttributes {
    /// What is different from before, in the order in which Wazuh's agents list it. Hashes are different only where both are
    /// known.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> Vec<FileAttribute> {
        let hashes = self.hashes.zip(before.hashes);
        // Wazuh's agents know seconds only.
        let written = self.mtime.as_seconds() != before.mtime.as_seconds();
        let all = [
            (FileAttribute::Size, self.size != before.size),
            (FileAttribute::Permission, self.mode != before.mode),
            (FileAttribute::Uid, self.uid != before.uid),
            (FileAttribute::Gid, self.gid != before.gid),
            (FileAttribute::User, self.user != before.user),
            (FileAttribute::Group, self.group != before.group),
            (FileAttribute::Inode, self.inode != before.inode),
            (FileAttribute::Mtime, written),
            (FileAttribute::Md5, hashes.is_some_and(|(now, then)| now.md5 != then.md5)),
            (FileAttribute::Sha1, hashes.is_some_and(|(now, then)| now.sha1 != then.sha1)),
            (FileAttribute::Sha256, hashes.is_some_and(|(now, then)| now.sha256 != then.sha256)),
        ];
        all.into_iter().filter_map(|(attribute, differs)| differs.then_some(attribute)).collect()
    }

    /// Whether who runs it does so as its owner or its group.
    #[must_use]
    pub const fn lends_identity(&self) -> bool {
        // Without the right to be run by the group, the second bit means something else.
        let as_group = self.mode & SET_GROUP_ID != 0 && self.mode & 0o010 != 0;
        self.mode & SET_USER_ID != 0 || as_group
    }

    /// The permissions as `ls -l` writes them, without the type: `rw-r--r--`.
    #[must_use]
    pub fn permissions(&self) -> String {
        // Of each three the bits, and which letter a special bit makes of the last one.
        let triple = |shift: u32, special: u32, letter: char| {
            let bit = |bit: u32, letter: char| if self.mode >> shift & bit == 0 { '-' } else { letter };
            let last = match (self.mode & special != 0, self.mode >> shift & 1 != 0) {
                (false, false) => '-',
                (false, true) => 'x',
                (true, true) => letter,
                (true, false) => letter.to_ascii_uppercase(),
            };
            [bit(4, 'r'), bit(2, 'w'), last]
        };
        let triples = [triple(6, SET_USER_ID, 's'), triple(3, SET_GROUP_ID, 's'), triple(0, 0o1000, 't')];
        triples.as_flattened().iter().collect()
    }
}

/// Bytes as hexadecimal digits.
struct Hex<'b>(&'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FileHashes {
    /// [`md5`](Self::md5) in hexadecimal digits.
    #[must_use]
    pub fn md5_text(&self) -> String {
        Hex(&self.md5).to_string()
    }

    /// [`sha1`](Self::sha1) in hexadecimal digits.
    #[must_use]
    pub fn sha1_text(&self) -> String {
        Hex(&self.sha1).to_string()
    }

    /// [`sha256`](Self::sha256) in hexadecimal digits.
    #[must_use]
    pub fn sha256_text(&self) -> String {
        Hex(&self.sha256).to_string()
    }
}
