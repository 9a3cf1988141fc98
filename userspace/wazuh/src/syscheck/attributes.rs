use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::{Serialize, Serializer};

/// What is known of a file. Managers compare the checksum over all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// Bytes.
    pub size: u64,
    /// As `rw-r--r--`.
    pub permissions: String,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// The owner's name; empty where it has none.
    pub user: &'a str,
    /// The group's name; empty where it has none.
    pub group: &'a str,
    /// The file's number on its file system.
    pub inode: u64,
    /// When it was last written, in seconds since 1970.
    pub mtime: i64,
    /// MD5 of its content in hexadecimal digits; empty where that was not read, and so the others.
    pub md5: String,
    /// SHA-1 of its content.
    pub sha1: String,
    /// SHA-256 of its content.
    pub sha256: String,
}

impl Attributes<'_> {
    /// SHA-1 of all, in hexadecimal digits. The empty place is that of attributes that only Windows has.
    #[must_use]
    pub fn checksum(&self) -> String {
        let Self { size, permissions, uid, gid, user, group, inode, mtime, md5, sha1, sha256 } = self;
        let all =
            format!("{size}:{permissions}::{uid}:{gid}:{user}:{group}:{mtime}:{inode}:{md5}:{sha1}:{sha256}");
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, all.as_bytes());
        digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            kind: "file",
            size: self.size,
            perm: &self.permissions,
            uid: self.uid.to_string(),
            gid: self.gid.to_string(),
            user_name: self.user,
            group_name: self.group,
            inode: self.inode.to_string(),
            mtime: self.mtime,
            hash_md5: &self.md5,
            hash_sha1: &self.sha1,
            hash_sha256: &self.sha256,
            checksum: self.checksum(),
        }
        .serialize(serializer)
    }
}

/// The same in the types that managers expect: since 4.13 the inode is text.
#[derive(Serialize)]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    size: u64,
    perm: &'a str,
    uid: String,
    gid: String,
    user_name: &'a str,
    group_name: &'a str,
    inode: String,
    mtime: i64,
    hash_md5: &'a str,
    hash_sha1: &'a str,
    hash_sha256: &'a str,
    checksum: String,
}
