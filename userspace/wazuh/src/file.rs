use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

/// Only its owner may read it.
const MODE: u32 = 0o600;

/// A file of the agent cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}", path = path.display())]
pub struct FileError {
    /// Its path.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub error: io::Error,
}

/// Reads a file of at most `limit` bytes; none where there is none.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, FileError> {
    let fault = |error| FileError { path: path.to_owned(), error };
    // A link in its place would have another file read, and a pipe would be waited on for ever.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(fault)?,
    };
    if !file.metadata().map_err(fault)?.is_file() {
        return Err(fault(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() > limit {
        let text = format!("it is larger than {limit} bytes");
        return Err(fault(io::Error::new(io::ErrorKind::FileTooLarge, text)));
    }
    Ok(Some(bytes))
}

/// Puts a file in the place of another, so that there is one of the two whatever happens meanwhile.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace_in_folder(path, bytes).map_err(|error| FileError { path: path.to_owned(), error })
}

fn replace_in_folder(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    // What a run that was killed has left; a link in its place is removed, not followed.
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(beside, path)?;
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        assert_eq!(read(&path, 9).unwrap(), None);
        fs::write(folder.path().join("f.new"), "left by a run that was killed").unwrap();
        for text in ["one", "two"] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(read(&path, 3).unwrap().unwrap(), text.as_bytes());
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_pipes_folders_and_long_files_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("long"), "1234").unwrap();
        symlink(path("long"), path("link")).unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        for name in ["long", "link", "pipe", "."] {
            assert_eq!(read(&path(name), 3).unwrap_err().path, path(name), "{name}");
        }
    }

    #[test]
    fn a_link_is_replaced_and_what_it_points_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("other"), "other").unwrap();
        for name in ["f", "f.new"] {
            symlink(path("other"), path(name)).unwrap();
        }
        replace(&path("f"), b"own").unwrap();
        assert_eq!(
            (fs::read(path("f")).unwrap(), fs::read(path("other")).unwrap()),
            (b"own".into(), b"other".into())
        );
    }
}
