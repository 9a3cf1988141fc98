use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{FileKind, PolicyFile, SourceError, SourceFile, is_hidden, is_yaml};
use crate::{Fault, limit};

/// Every policy file under a folder, in the order of their paths; or the one file that `root` is.
pub(crate) fn read(root: &Path) -> Result<Vec<PolicyFile>, SourceError> {
    let found = walk(root, |path| FileKind::of(path).is_some(), limit::FILE_BYTES)?;
    Ok(found.into_iter().map(Found::into_policy_file).collect())
}

/// Reads every YAML file under a folder, in the order of their paths, whatever it is about; or the one file that `root`
/// is. What is wrong with a file is in [`SourceFile::content`], such as that it has more than `file_bytes` bytes.
///
/// # Errors
/// [`SourceError`] if `root` is not there or cannot be listed.
pub fn yaml_files(root: &Path, file_bytes: u64) -> Result<Vec<SourceFile>, SourceError> {
    let found = walk(root, is_yaml, file_bytes)?;
    Ok(found.into_iter().map(|Found { name, content, .. }| SourceFile { name, content }).collect())
}

fn walk(root: &Path, wanted: fn(&Path) -> bool, file_bytes: u64) -> Result<Vec<Found>, SourceError> {
    let failed = |error| SourceError { path: root.display().to_string(), error };
    let root_type = fs::metadata(root).map_err(failed)?;
    // `rules check .` and `rules check policies/controls` must know their folder's name.
    let named = root.canonicalize().map_err(failed)?;
    let prefix = named.file_name().map(PathBuf::from).unwrap_or_default();
    let mut walk = Walk { wanted, file_bytes, files: Vec::new(), entries: 0, bytes: 0 };
    if root_type.is_dir() {
        fs::read_dir(root).map_err(failed)?;
        walk.folder(root, &prefix, 0);
    } else {
        let parent = named.parent().and_then(Path::file_name).map(PathBuf::from).unwrap_or_default();
        walk.file(root, &parent.join(prefix));
    }
    Ok(walk.files)
}

struct Found {
    name: Arc<str>,
    // Below the root, the root's own name in front; nothing for what is no file.
    relative: PathBuf,
    content: Result<Vec<u8>, Fault>,
}

impl Found {
    fn into_policy_file(self) -> PolicyFile {
        let kind = FileKind::of(&self.relative).unwrap_or(FileKind::Rules);
        PolicyFile { name: self.name, kind, content: self.content }
    }
}

struct Walk {
    // By the path below the root.
    wanted: fn(&Path) -> bool,
    file_bytes: u64,
    files: Vec<Found>,
    entries: usize,
    bytes: u64,
}

impl Walk {
    /// `relative` is the path below the root, the root's own name in front: what tells a file's kind.
    fn folder(&mut self, path: &Path, relative: &Path, depth: usize) {
        if depth > limit::DIRECTORY_DEPTH {
            return self.refuse(path, too_much("the depth of folders", limit::DIRECTORY_DEPTH));
        }
        let names = match self.names(path) {
            Ok(names) => names,
            Err(fault) => return self.refuse(path, fault),
        };
        for name in names {
            let (path, relative) = (path.join(&name), relative.join(&name));
            // A link is followed to a file, not to a folder: a ConfigMap's files are links, and a loop is not.
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => self.folder(&path, &relative, depth + 1),
                Ok(_) if (self.wanted)(&relative) => self.file(&path, &relative),
                Ok(metadata) if metadata.is_symlink() && path.is_dir() => {
                    let reason = "it is a link to a folder, which is not followed".to_owned();
                    self.refuse(&path, Fault::Unreadable(reason));
                }
                Ok(_) => {}
                Err(error) => self.refuse(&path, Fault::Unreadable(error.to_string())),
            }
        }
    }

    /// The visible names in a folder, sorted.
    fn names(&mut self, folder: &Path) -> Result<Vec<String>, Fault> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            self.entries += 1;
            if self.entries > limit::ENTRIES {
                return Err(too_much("the number of directory entries", limit::ENTRIES));
            }
            // A name that is not UTF-8 has no extension of ours.
            let name = entry.map_err(unreadable)?.file_name().into_string();
            names.extend(name.ok().filter(|name| !is_hidden(name)));
        }
        names.sort_unstable();
        Ok(names)
    }

    fn file(&mut self, path: &Path, relative: &Path) {
        if self.files.len() >= limit::FILES {
            if self.files.len() == limit::FILES {
                self.refuse(path, too_much("the number of files", limit::FILES));
            }
            return;
        }
        let content = self.content(path);
        let relative = relative.to_owned();
        self.files.push(Found { name: path.display().to_string().into(), relative, content });
    }

    fn content(&mut self, path: &Path) -> Result<Vec<u8>, Fault> {
        // Opening a FIFO would wait for a writer for ever.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(Fault::Unreadable("it is not a regular file".to_owned()));
        }
        let mut content = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(self.file_bytes.saturating_add(1)).read_to_end(&mut content).map_err(unreadable)?;
        let size = content.len() as u64;
        if size > self.file_bytes {
            return Err(Fault::TooMuch { what: "the file's size in bytes", bound: self.file_bytes });
        }
        self.bytes += size;
        if self.bytes > limit::TOTAL_BYTES {
            return Err(Fault::TooMuch { what: "the size of all files in bytes", bound: limit::TOTAL_BYTES });
        }
        Ok(content)
    }

    fn refuse(&mut self, path: &Path, fault: Fault) {
        let name = path.display().to_string().into();
        self.files.push(Found { name, relative: PathBuf::new(), content: Err(fault) });
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: io::Error) -> Fault {
    Fault::Unreadable(error.to_string())
}

const fn too_much(what: &'static str, bound: usize) -> Fault {
    Fault::TooMuch { what, bound: bound as u64 }
}
