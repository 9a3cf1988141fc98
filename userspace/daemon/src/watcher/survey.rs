use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use rampart_policy::{BUILTIN, limit};

/// The names and contents of all policy files under the roots: of the same files it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Reads all of them. Takes its time.
    pub(crate) fn of(roots: &[PathBuf]) -> Self {
        Self::survey(roots, |_| {})
    }

    /// Likewise. What somebody must watch to hear of changes is told before it is looked at.
    pub(super) fn survey(roots: &[PathBuf], enter: impl FnMut(&Path)) -> Self {
        let mut survey = Survey { enter, digest: Sum::default(), entries: 0, files: 0, bytes: 0 };
        // What is in the binary does not change.
        for root in roots.iter().filter(|root| root.as_path() != Path::new(BUILTIN)) {
            survey.root(root);
        }
        Self(survey.digest.0.finish())
    }
}

/// Whether a file of this name is one of policies.
pub(super) fn is_policy(name: &OsStr) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

/// Such names are editors' and `ConfigMap` volumes' own, and not looked into.
pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Goes where rampart-policy goes, with its bounds.
struct Survey<F> {
    enter: F,
    digest: Sum,
    entries: usize,
    files: usize,
    bytes: u64,
}

#[derive(Default)]
struct Sum(DefaultHasher);

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<F: FnMut(&Path)> Survey<F> {
    fn root(&mut self, root: &Path) {
        (self.enter)(root);
        root.hash(&mut self.digest.0);
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => self.folder(root, 0),
            Ok(_) => self.file(root),
            Err(error) => self.fault(&error),
        }
    }

    fn folder(&mut self, path: &Path, depth: usize) {
        if depth > limit::DIRECTORY_DEPTH {
            return;
        }
        (self.enter)(path);
        let names = match self.names(path) {
            Ok(names) => names,
            Err(error) => return self.fault(&error),
        };
        for name in names {
            let path = path.join(&name);
            path.hash(&mut self.digest.0);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => self.folder(&path, depth + 1),
                Ok(metadata) if is_policy(&name) => {
                    if metadata.is_symlink() {
                        self.target(&path);
                    }
                    self.file(&path);
                }
                Ok(_) => {}
                Err(error) => self.fault(&error),
            }
        }
    }

    fn names(&mut self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            self.entries += 1;
            if self.entries > limit::ENTRIES {
                break;
            }
            let name = entry?.file_name();
            if !is_hidden(&name) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The file that a link leads to may be written in its own place.
    fn target(&mut self, link: &Path) {
        if let Some(folder) = link.canonicalize().ok().as_deref().and_then(Path::parent) {
            (self.enter)(folder);
        }
    }

    fn file(&mut self, path: &Path) {
        self.files += 1;
        if self.files > limit::FILES || self.bytes > limit::TOTAL_BYTES {
            return;
        }
        match self.content(path) {
            Ok(size) => {
                self.bytes += size;
                size.hash(&mut self.digest.0);
            }
            Err(error) => self.fault(&error),
        }
    }

    fn content(&mut self, path: &Path) -> io::Result<u64> {
        // Opening a FIFO would wait for a writer for ever.
        if !fs::metadata(path)?.is_file() {
            return Ok(0);
        }
        io::copy(&mut File::open(path)?.take(limit::FILE_BYTES + 1), &mut self.digest)
    }

    fn fault(&mut self, error: &io::Error) {
        error.kind().hash(&mut self.digest.0);
    }
}
