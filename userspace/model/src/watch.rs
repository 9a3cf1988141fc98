use crate::FileCall;

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
    /// Whether it matters when they, their names or their attributes are changed.
    pub modify: bool,
}

/// Some files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchPattern {
    /// This absolute path, and everything below it.
    Below(Box<str>),
    /// Whatever has this name, wherever it is.
    Named(Box<str>),
}

impl WatchPattern {
    /// Whether a path is one of them. Names are compared as a whole: `/etc` is not above `/etcetera`.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        match self {
            Self::Below(above) => {
                let above = above.strip_suffix('/').unwrap_or(above);
                path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Named(name) => path.rsplit('/').next() == Some(name),
        }
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
        Self::new(vec![WatchEntry { what: WatchPattern::Below("/".into()), read: true, modify: true }])
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

    /// Whether it is wanted that the file of a path is opened for reading, or else changed.
    #[must_use]
    pub fn wants(&self, path: &str, read: bool) -> bool {
        let wanted = |entry: &WatchEntry| if read { entry.read } else { entry.modify };
        self.entries.iter().any(|entry| wanted(entry) && entry.what.contains(path))
    }

    /// Whether what was done with a file is wanted: because of either path where there are two.
    #[must_use]
    pub fn wants_file(&self, call: &FileCall) -> bool {
        let read = call.operation.only_reads();
        let mut paths = std::iter::once(&*call.path).chain(call.operation.target());
        paths.any(|path| self.wants(path, read))
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
    use crate::{FileOperation, OpenFlags};

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
        let entry = |what, read, modify| WatchEntry { what, read, modify };
        let watch: Watch =
            [entry(below("/etc"), false, true), entry(named("shadow"), true, false)].into_iter().collect();
        let (open, rename) =
            (FileOperation::Open(OpenFlags(0)), |to: &str| FileOperation::Rename { to: to.into() });
        for (path, operation, expected) in [
            ("/etc/passwd", open.clone(), false),
            ("/etc/shadow", open, true),
            ("/tmp/shadow", FileOperation::Unlink, false),
            ("/etc/passwd", FileOperation::Unlink, true),
            ("/tmp/a", rename("/etc/a"), true),
            ("/etc/a", rename("/tmp/a"), true),
            ("/tmp/a", rename("/tmp/b"), false),
        ] {
            let call = FileCall { path: path.into(), operation };
            assert_eq!(watch.wants_file(&call), expected, "{call:?}");
            assert!(Watch::everything().wants_file(&call) && !Watch::none().wants_file(&call), "{call:?}");
        }
    }
}
