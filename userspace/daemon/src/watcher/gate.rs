use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// Links that are followed on the way to one root; the kernel follows 40.
const LINKS: usize = 40;

/// A name in a folder that decides where a root is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gate {
    pub(super) folder: PathBuf,
    pub(super) name: OsString,
}

impl Gate {
    fn of(path: &Path) -> Option<Self> {
        Some(Self { folder: path.parent()?.to_owned(), name: path.file_name()?.to_owned() })
    }

    /// The root's own name; those of links on the way, which may be made to point elsewhere; those that are missing,
    /// and may come back.
    pub(super) fn all(root: &Path) -> Vec<Self> {
        // Only an empty path, or a current folder that is gone, cannot be made absolute.
        let Ok(root) = std::path::absolute(root) else { return Vec::new() };
        let mut gates: Vec<_> = Self::of(&root).into_iter().collect();
        let mut links = 0;
        let mut ways = vec![root];
        while let Some(way) = ways.pop() {
            for path in way.ancestors() {
                let Some(gate) = Self::of(path) else { continue };
                match fs::read_link(path) {
                    Ok(target) if links < LINKS => {
                        links += 1;
                        ways.push(gate.folder.join(target));
                        gates.push(gate);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => gates.push(gate),
                    _ => {}
                }
            }
        }
        gates
    }
}
