mod attributes;

use std::sync::Arc;

pub use self::attributes::{FileAttribute, FileAttributes, FileHashes};
use crate::{Process, Severity};

/// A file of the host is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path as the host has it. Bytes that are not UTF-8 are written as [`text`](crate::text) writes them.
    pub path: Box<str>,
    /// What became of it.
    pub kind: FileChangeKind,
    /// How that was noticed.
    pub mode: FileChangeMode,
    /// How it is; of one that is gone, how it last was.
    pub attributes: FileAttributes,
    /// Who did it, where that was seen.
    pub author: Option<Arc<Process>>,
    /// What whoever asked for the file to be watched calls that.
    pub tags: Arc<[Arc<str>]>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileChangeKind {
    /// It was not there before.
    Added,
    /// It is another than before.
    Modified {
        /// How it was.
        before: Box<FileAttributes>,
    },
    /// It is gone.
    Deleted,
}

/// How a change was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileChangeMode {
    /// All files were looked at in turn.
    Scheduled,
    /// The kernel told of the file.
    Realtime,
    /// The kernel told of the file and of who it was.
    Whodata,
}

impl FileChangeKind {
    /// `added`, `modified` or `deleted`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified { .. } => "modified",
            Self::Deleted => "deleted",
        }
    }
}

impl FileChangeMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Scheduled, Self::Realtime, Self::Whodata];

    /// `scheduled`, `realtime` or `whodata`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Realtime => "realtime",
            Self::Whodata => "whodata",
        }
    }
}

impl FileChange {
    /// What is different; nothing of a file that is new or gone.
    #[must_use]
    pub fn changed(&self) -> Vec<FileAttribute> {
        match &self.kind {
            FileChangeKind::Modified { before } => self.attributes.changed_since(before),
            FileChangeKind::Added | FileChangeKind::Deleted => Vec::new(),
        }
    }

    /// A program that has just got the right to run as somebody else is worse than what else can become of a file. What
    /// tells nothing but when and where the file was written is of little weight, and so is a new file.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let before = match &self.kind {
            FileChangeKind::Deleted => return Severity::Medium,
            FileChangeKind::Added => None,
            FileChangeKind::Modified { before } => Some(before),
        };
        let lends_identity = self.attributes.lends_identity();
        if lends_identity && !before.is_some_and(|before| before.lends_identity()) {
            return Severity::High;
        }
        let incidental = |of: &FileAttribute| matches!(of, FileAttribute::Mtime | FileAttribute::Inode);
        if self.changed().iter().all(incidental) { Severity::Low } else { Severity::Medium }
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> String {
        let changed: Vec<_> = self.changed().into_iter().map(FileAttribute::name).collect();
        let what = if changed.is_empty() { String::new() } else { format!(" ({})", changed.join(", ")) };
        let by =
            self.author.as_ref().map(|process| format!(" by {} (pid {})", process.name, process.key.pid));
        format!("file {}: {}{what}{}", self.kind.name(), self.path, by.unwrap_or_default())
    }
}
