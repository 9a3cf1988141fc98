//! The host's files.

use std::{fs::File, io::Read as _, path::PathBuf};

use rustix::{
    fs::{Dir, FileType, Mode, OFlags, ResolveFlags, fstat, open, openat2},
    io::Errno,
};

/// Largest document.
const MAX_SIZE: u64 = 1 << 20;

/// Most folders that are looked into side by side.
const MAX_FOLDERS: usize = 32;

/// A file that is there and is not to be read: too large, no plain file, a link, or not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

/// A root below which the host's file systems are.
#[derive(Debug)]
pub(super) struct Host {
    root: PathBuf,
}

impl Host {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// A whole file; none if it is not there.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Refused> {
        let Some(mut file) = self.open(path, OFlags::NONBLOCK)? else { return Ok(None) };
        let is_plain = fstat(&file).is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_file());
        let mut bytes = Vec::new();
        let read = (&mut file).take(MAX_SIZE + 1).read_to_end(&mut bytes);
        if !is_plain || read.is_err() || bytes.len() as u64 > MAX_SIZE {
            return Err(Refused);
        }
        Ok(Some(bytes))
    }

    /// Names of the folders in a folder.
    pub(super) fn folders(&self, path: &str) -> Vec<String> {
        let Ok(Some(folder)) = self.open(path, OFlags::DIRECTORY) else { return Vec::new() };
        let Ok(entries) = Dir::read_from(&folder) else { return Vec::new() };
        let folders = entries.flatten().filter(|entry| entry.file_type() == FileType::Directory);
        let names = folders.filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
        names.filter(|name| !name.starts_with('.')).take(MAX_FOLDERS).collect()
    }

    /// Links on the way lead nowhere but below the root, and the last name is none: what is read is the host's.
    fn open(&self, path: &str, flags: OFlags) -> Result<Option<File>, Refused> {
        let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(root) = open(&self.root, folder, Mode::empty()) else { return Ok(None) };
        let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        match openat2(root, path, flags, Mode::empty(), resolve) {
            Ok(file) => Ok(Some(file.into())),
            // Something was renamed meanwhile: EAGAIN.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::AGAIN) => Ok(None),
            Err(error) => {
                tracing::debug!(path, %error, "a document of a container cannot be read");
                Err(Refused)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn only_plain_files_below_the_root_are_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("data")).unwrap();
        fs::write(at("data/plain"), "plain").unwrap();
        fs::write(at("data/large"), vec![b'x'; (1 << 20) + 1]).unwrap();
        symlink("plain", at("data/link")).unwrap();
        // As the host sees it, an absolute link leads below the root.
        symlink("/data", at("moved")).unwrap();
        symlink(outside.path(), at("out")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("data/pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        let host = Host::new(root.path().to_owned());
        for (path, expected) in [
            ("data/plain", Ok(Some(&b"plain"[..]))),
            ("/data/plain", Ok(Some(b"plain"))),
            ("moved/plain", Ok(Some(b"plain"))),
            ("../../data/plain", Ok(Some(b"plain"))),
            ("data/absent", Ok(None)),
            ("data/plain/absent", Ok(None)),
            ("out/secret", Ok(None)),
            ("data/large", Err(Refused)),
            ("data/link", Err(Refused)),
            ("data/pipe", Err(Refused)),
            ("data", Err(Refused)),
        ] {
            assert_eq!(
                host.read(path).as_ref().map(Option::as_deref),
                expected.as_ref().map(|bytes| *bytes),
                "{path}"
            );
        }
        assert_eq!(host.folders("/"), ["data"]);
        assert_eq!(Host::new(at("nowhere")).read("data/plain"), Ok(None));
    }
}
