use crate::{FileCall, FileOperation};

/// The files whose events are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch {
    entries: Vec<WatchEntry>,
}

/// Some files, and what is wanted of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchEntry {
    /// Which files.
    pub what: WatchPattern,
    /// Whether it matters when they are opened for reading.
    pub read: bool,
    /// Whether it matters when they, their names or their attributes are changed: made as well.
    pub modify: bool,
    /// Whether it matters when they are made.
    pub create: bool,
}

impl WatchEntry {
    /// Nothing of some files.
    #[must_use]
    pub const fn of(what: WatchPattern) -> Self {
        Self { what, read: false, modify: false, create: false }
    }

    /// Whether it is wanted for what is done with the files that are meant.
    const fn wants(&self, operation: &FileOperation) -> bool {
        if operation.only_reads() {
            return self.read;
        }
        self.modify || self.create && matches!(operation.created(), Some(true))
    }
}

/// Some files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchPattern {
    /// This absolute path, and everything below it.
    Below(Box<str>),
    /// Whatever has this name, wherever it is.
    Named(Box<str>),
    /// What is given a mode with the set-user-ID or set-group-ID bit, wherever it is.
    SetUid,
}

impl WatchPattern {
    /// Whether a path is one of them by itself. Names are compared as a whole: `/etc` is not above `/etcetera`.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        match self {
            Self::Below(above) => {
                let above = above.strip_suffix('/').unwrap_or(above);
                path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Named(name) => path.rsplit('/').next() == Some(name),
            Self::SetUid => false,
        }
    }

    /// Whether what is done is done with one of them: by either path where there are two.
    fn is_of(&self, call: &FileCall) -> bool {
        if *self == Self::SetUid {
            return call.operation.sets_id() == Some(true);
        }
        self.contains(&call.path) || call.operation.target().is_some_and(|path| self.contains(path))
    }
}

impl Watch {
    /// No files at all.
    #[must_use]
    pub const fn none() -> Self {
        Self { entries: Vec::new() }
    }

    /// All files.
    #[must_use]
    pub fn everything() -> Self {
        let all = WatchEntry::of(WatchPattern::Below("/".into()));
        Self::new(vec![WatchEntry { read: true, modify: true, ..all }])
    }

    /// These files.
    #[must_use]
    pub const fn new(entries: Vec<WatchEntry>) -> Self {
        Self { entries }
    }

    /// The files, one entry for each line of what was asked for.
    #[must_use]
    pub fn entries(&self) -> &[WatchEntry] {
        &self.entries
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether what was done with a file is wanted.
    #[must_use]
    pub fn wants_file(&self, call: &FileCall) -> bool {
        self.entries.iter().any(|entry| entry.wants(&call.operation) && entry.what.is_of(call))
    }
}

impl FromIterator<WatchEntry> for Watch {
    fn from_iter<I: IntoIterator<Item = WatchEntry>>(entries: I) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpenFlags;

    fn below(path: &str) -> WatchPattern {
        WatchPattern::Below(path.into())
    }

    fn named(name: &str) -> WatchPattern {
        WatchPattern::Named(name.into())
    }

    #[test]
    fn patterns_compare_whole_names() {
        for (pattern, path, expected) in [
            (below("/etc"), "/etc", true),
            (below("/etc"), "/etc/ssh/sshd_config", true),
            (below("/etc/"), "/etc/passwd", true),
            (below("/etc"), "/etcetera", false),
            (below("/etc"), "/var/etc/x", false),
            (below("/"), "/anything", true),
            (named("id_rsa"), "/root/.ssh/id_rsa", true),
            (named("id_rsa"), "/root/.ssh/id_rsa.pub", false),
            (named("id_rsa"), "/id_rsa/x", false),
        ] {
            assert_eq!(pattern.contains(path), expected, "{pattern:?} {path}");
        }
    }

    #[test]
    fn reading_and_changing_are_wanted_apart_and_by_either_path() {
        let changed = |what| WatchEntry { modify: true, ..WatchEntry::of(what) };
        let read = |what| WatchEntry { read: true, ..WatchEntry::of(what) };
        let made = |what| WatchEntry { create: true, ..WatchEntry::of(what) };
        let watch: Watch = [
            changed(below("/etc")),
            read(named("shadow")),
            made(below("/srv")),
            changed(WatchPattern::SetUid),
        ]
        .into_iter()
        .collect();
        let (open, write) = (FileOperation::Open(OpenFlags(0)), FileOperation::Write(OpenFlags(1)));
        let create = FileOperation::Create { flags: OpenFlags(0o101), mode: 0o644 };
        let (rename, link) = (
            |to: &str| FileOperation::Rename { to: to.into() },
            |existing: &str| FileOperation::Link { existing: existing.into() },
        );
        let chmod = |mode| FileOperation::Chmod { mode };
        for (path, operation, expected) in [
            ("/etc/passwd", open.clone(), false),
            ("/etc/shadow", open, true),
            ("/tmp/shadow", FileOperation::Unlink, false),
            ("/etc/passwd", FileOperation::Unlink, true),
            ("/tmp/a", rename("/etc/a"), true),
            ("/etc/a", rename("/tmp/a"), true),
            ("/tmp/a", rename("/tmp/b"), false),
            ("/etc/a", create.clone(), true),
            ("/srv/a", create.clone(), true),
            ("/tmp/a", create, false),
            ("/srv/a", write, false),
            ("/srv/a", FileOperation::Unlink, false),
            ("/tmp/a", rename("/srv/a"), false),
            ("/srv/a", link("/tmp/a"), true),
            ("/tmp/a", link("/srv/a"), true),
            ("/tmp/a", chmod(0o4755), true),
            ("/tmp/a", chmod(0o2755), true),
            ("/tmp/a", chmod(0o1777), false),
            ("/etc/a", chmod(0o644), true),
        ] {
            let call = FileCall { path: path.into(), operation };
            assert_eq!(watch.wants_file(&call), expected, "{call:?}");
            assert!(Watch::everything().wants_file(&call) && !Watch::none().wants_file(&call), "{call:?}");
        }
    }
}
