use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use rampart_bus::Message;
use rustix::fs::OFlags;

use crate::limits::front;

/// The file with those before it. It has one writer: us.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    max_bytes: u64,
    keep: u32,
    file: Option<File>,
}

impl Journal {
    pub(super) const fn new(path: PathBuf, max_bytes: u64, keep: u32) -> Self {
        Self { path, max_bytes, keep, file: None }
    }

    /// Writes the first messages, as many as the file has room for, and tells how many they are: they are on the disk then.
    pub(super) fn write(&mut self, messages: &[Arc<Message>]) -> io::Result<usize> {
        self.write_with(messages, |mut file, bytes| file.write_all(bytes)).map_err(|error| {
            // What it ends with is not known any more: opening it again looks.
            self.file = None;
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        })
    }

    fn write_with(
        &mut self,
        messages: &[Arc<Message>],
        write: impl FnOnce(&File, &[u8]) -> io::Result<()>,
    ) -> io::Result<usize> {
        let mut length = self.current()?.metadata()?.len();
        let first = messages.first().map_or(0, |message| message.body.len() as u64);
        if length > 0 && length.saturating_add(first) > self.max_bytes {
            self.turn_over()?;
            length = self.current()?.metadata()?.len();
        }
        let room = usize::try_from(self.max_bytes.saturating_sub(length)).unwrap_or(usize::MAX);
        let messages = front(messages, usize::MAX, room);
        let bodies: Vec<&[u8]> = messages.iter().map(|message| &*message.body).collect();
        append(self.current()?, &bodies.concat(), write)?;
        Ok(messages.len())
    }

    /// The file, opened again where its path is another file's now, or nobody's.
    fn current(&mut self) -> io::Result<&File> {
        let file = match self.file.take().filter(|file| is_at(file, &self.path)) {
            Some(file) => file,
            None => open(&self.path)?,
        };
        Ok(self.file.insert(file))
    }

    /// Each old file gets the next number; the one with the last number goes.
    fn turn_over(&mut self) -> io::Result<()> {
        self.file = None;
        for number in (1..self.keep).rev() {
            match fs::rename(self.numbered(number), self.numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        fs::rename(&self.path, self.numbered(1))
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(format!(".{number}"));
        path.into()
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

fn open(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let is_new = fs::symlink_metadata(path).is_err();
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        // A link in its place would have another file written to; a pipe would have us wait.
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if is_new {
        // The name of a new file is on the disk only with its folder.
        File::open(folder)?.sync_all()?;
    }
    complete(&file, metadata.len())?;
    Ok(file)
}

/// A line that was cut by a crash does not take the next one with it.
fn complete(mut file: &File, length: u64) -> io::Result<()> {
    let Some(last) = length.checked_sub(1) else { return Ok(()) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    if byte == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// All of `bytes` or none: what was written in part is cut off again.
fn append(file: &File, bytes: &[u8], write: impl FnOnce(&File, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let before = file.metadata()?.len();
    write(file, bytes).and_then(|()| file.sync_data()).inspect_err(|_| {
        // Never longer than it is: somebody may have emptied it meanwhile. Where it cannot be cut, the line is completed
        // when the file is opened again.
        let has_grown = file.metadata().is_ok_and(|metadata| metadata.len() > before);
        if has_grown && let Err(error) = file.set_len(before) {
            tracing::debug!(%error, "a half line stays in the file of findings");
        }
    })
}

#[cfg(test)]
mod tests;
