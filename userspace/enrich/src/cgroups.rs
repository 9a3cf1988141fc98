use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustc_hash::FxHashMap;

/// Most cgroups whose paths are remembered. At the bound one is forgotten for each that comes, and read from /proc
/// again when it is needed.
const MAX_CGROUPS: usize = 16_384;

/// Id of the root of the unified hierarchy. Under cgroup v1 all processes are in it, so that it says nothing.
pub(crate) const ROOT: u64 = 1;

/// Paths of cgroups by their ids in the unified hierarchy.
#[derive(Debug)]
pub(crate) struct Cgroups {
    root: PathBuf,
    paths: FxHashMap<u64, Arc<str>>,
}

impl Cgroups {
    /// `root` is where the cgroup file systems are mounted.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, paths: FxHashMap::default() }
    }

    /// The path of a cgroup that was heard of.
    pub(crate) fn path(&self, id: u64) -> Option<Arc<str>> {
        self.paths.get(&id).cloned()
    }

    /// Takes in a path; gives it as it is shared by all.
    pub(crate) fn learn(&mut self, id: u64, path: &str) -> Arc<str> {
        if id <= ROOT {
            return path.into();
        }
        if let Some(known) = self.paths.get(&id).filter(|known| ***known == *path) {
            return Arc::clone(known);
        }
        if self.paths.len() >= MAX_CGROUPS {
            let victim = self.paths.keys().next().copied();
            victim.and_then(|id| self.paths.remove(&id));
        }
        let path: Arc<str> = path.into();
        self.paths.insert(id, Arc::clone(&path));
        path
    }

    /// The id that the path has now, where the file system can be seen: it is the number of the folder's inode.
    pub(crate) fn id_of(&self, path: &str) -> Option<u64> {
        let inside = Path::new(path.trim_start_matches('/'));
        // The second is where it is beside the hierarchies of cgroup v1.
        let places = [self.root.join(inside), self.root.join("unified").join(inside)];
        places.iter().find_map(|place| fs::metadata(place).ok()).map(|found| found.ino())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_known_by_their_ids() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("box")).unwrap();
        let mut cgroups = Cgroups::new(root.path().to_owned());
        let id = cgroups.id_of("/box").unwrap();
        assert_eq!(cgroups.id_of("/gone"), None);
        assert_eq!(cgroups.path(id), None);
        cgroups.learn(id, "/box");
        assert_eq!(cgroups.path(id).as_deref(), Some("/box"));
        cgroups.learn(ROOT, "/docker/x");
        assert_eq!(cgroups.path(ROOT), None);
    }

    #[test]
    fn there_is_a_bound() {
        let mut cgroups = Cgroups::new("/nowhere".into());
        for id in 2..MAX_CGROUPS as u64 + 100 {
            cgroups.learn(id, "/x");
        }
        assert_eq!(cgroups.paths.len(), MAX_CGROUPS);
    }
}
