use std::{fs::File, io::Read as _, path::PathBuf, sync::Arc, time::SystemTime};

use rampart_model::User;
use rustc_hash::FxHashMap;

/// Most bytes that are read of a passwd file.
const MAX_SIZE: u64 = 4 << 20;

/// How long names are believed before the file's time is looked at again, in nanoseconds.
const FRESH_NS: u64 = 5_000_000_000;

/// Names of users by the host's passwd file. Directory services (NSS) are not asked: they would block.
#[derive(Debug)]
pub(crate) struct Users {
    file: PathBuf,
    modified: Option<SystemTime>,
    checked_ns: Option<u64>,
    names: FxHashMap<u32, Arc<str>>,
}

impl Users {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, modified: None, checked_ns: None, names: FxHashMap::default() }
    }

    /// The user of that id, at that time (nanoseconds since boot).
    pub(crate) fn of(&mut self, id: u32, now_ns: u64) -> User {
        if self.checked_ns.is_none_or(|checked| now_ns.saturating_sub(checked) > FRESH_NS) {
            self.checked_ns = Some(now_ns);
            self.refresh();
        }
        User { id, name: self.names.get(&id).cloned() }
    }

    /// Reads the file if it changed. When it cannot be read the old names stay: it is being replaced.
    fn refresh(&mut self) {
        let Ok(modified) = self.file.metadata().and_then(|found| found.modified()) else { return };
        if self.modified == Some(modified) {
            return;
        }
        let mut bytes = Vec::new();
        if File::open(&self.file).and_then(|file| file.take(MAX_SIZE).read_to_end(&mut bytes)).is_ok() {
            self.modified = Some(modified);
            self.names = names(&String::from_utf8_lossy(&bytes));
        }
    }
}

/// Lines of passwd(5): `name:password:uid:...`. Of two names for one id the first counts, as in getpwuid(3).
fn names(text: &str) -> FxHashMap<u32, Arc<str>> {
    let mut names = FxHashMap::default();
    for line in text.lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(_), Some(Ok(id))) =
            (fields.next(), fields.next(), fields.next().map(str::parse))
        {
            names.entry(id).or_insert_with(|| name.into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_file_and_follow_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passwd");
        std::fs::write(&file, "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\nbroken\nweb:x:33:33::/:\n")
            .unwrap();
        let mut users = Users::new(file.clone());
        let mut name = |id, now_ns| users.of(id, now_ns).name.map(|name| name.to_string());
        assert_eq!(name(0, 1).as_deref(), Some("root"));
        assert_eq!(name(33, 1).as_deref(), Some("web"));
        assert_eq!(name(1000, 1), None);
        std::fs::write(&file, "dev:x:1000:1000::/:\n").unwrap();
        let later = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(5);
        File::options().append(true).open(&file).unwrap().set_modified(later).unwrap();
        assert_eq!(name(1000, 2), None, "still fresh");
        assert_eq!(name(1000, FRESH_NS * 2).as_deref(), Some("dev"));
    }
}
