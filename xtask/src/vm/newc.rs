//! The archive that a kernel unpacks as its first file system: cpio in the form "newc".

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
};

const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;

const MAGIC: &str = "070701";
const TRAILER: &str = "TRAILER!!!";

/// An archive on its way to `out`; everything in it belongs to root.
#[derive(Debug)]
pub(super) struct Archive<W> {
    out: W,
    folders: BTreeSet<String>,
    number: u32,
}

impl<W: Write> Archive<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, folders: BTreeSet::new(), number: 0 }
    }

    /// A folder with those above it; one that is there already stays.
    pub(super) fn folder(&mut self, path: &str) -> io::Result<()> {
        let path = path.trim_matches('/');
        if path.is_empty() || !self.folders.insert(path.to_owned()) {
            return Ok(());
        }
        self.folder_of(path)?;
        self.entry(path, FOLDER | 0o755, b"")
    }

    /// A file, after the folders above it.
    pub(super) fn file(&mut self, path: &str, mode: u32, data: &[u8]) -> io::Result<()> {
        self.folder_of(path)?;
        self.entry(path, FILE | mode, data)
    }

    /// A symbolic link, after the folders above it.
    pub(super) fn link(&mut self, path: &str, target: &str) -> io::Result<()> {
        self.folder_of(path)?;
        self.entry(path, LINK | 0o777, target.as_bytes())
    }

    /// Ends the archive.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.entry(TRAILER, 0, b"")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn folder_of(&mut self, path: &str) -> io::Result<()> {
        match Path::new(path).parent().and_then(Path::to_str) {
            Some(parent) => self.folder(parent),
            None => Ok(()),
        }
    }

    fn entry(&mut self, path: &str, mode: u32, data: &[u8]) -> io::Result<()> {
        let name = path.trim_start_matches('/');
        self.number += 1;
        let links = if mode & FOLDER == 0 { 1 } else { 2 };
        let fields = [self.number, mode, 0, 0, links, 0, length(data.len())?, 0, 0, 0, 0];
        write!(self.out, "{MAGIC}")?;
        for field in fields.into_iter().chain([length(name.len() + 1)?, 0]) {
            write!(self.out, "{field:08x}")?;
        }
        let header = MAGIC.len() + 13 * 8;
        write!(self.out, "{name}\0")?;
        self.pad(header + name.len() + 1)?;
        self.out.write_all(data)?;
        self.pad(data.len())
    }

    /// Names and data both end at a multiple of four bytes.
    fn pad(&mut self, length: usize) -> io::Result<()> {
        for _ in length..length.next_multiple_of(4) {
            self.out.write_all(&[0])?;
        }
        Ok(())
    }
}

fn length(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "over 4 GiB"))
}

#[cfg(test)]
mod tests {
    use super::Archive;

    /// (mode, name, data) of each entry, read back as the kernel does.
    fn read(archive: &[u8]) -> Vec<(u32, String, String)> {
        let mut entries = Vec::new();
        let mut at = 0;
        while at < archive.len() {
            let field = |index: usize| {
                let start = at + 6 + index * 8;
                usize::from_str_radix(std::str::from_utf8(&archive[start..start + 8]).unwrap(), 16).unwrap()
            };
            assert_eq!(&archive[at..at + 6], b"070701");
            let (mode, size, name_size) = (field(1), field(6), field(11));
            let name = &archive[at + 110..at + 110 + name_size - 1];
            let data_at = (at + 110 + name_size).next_multiple_of(4);
            let data = &archive[data_at..data_at + size];
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            entries.push((u32::try_from(mode).unwrap(), text(name), text(data)));
            at = (data_at + size).next_multiple_of(4);
        }
        entries
    }

    fn names(archive: &[u8]) -> Vec<String> {
        read(archive).into_iter().map(|(_, name, _)| name).collect()
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        for (name, data) in [("a", ""), ("ab", "1"), ("abc", "12"), ("abcd", "123"), ("abcde", "1234")] {
            let mut archive = Archive::new(Vec::new());
            archive.file(name, 0o755, data.as_bytes()).unwrap();
            archive.link("l", data).unwrap();
            assert_eq!(
                read(&archive.finish().unwrap()),
                [
                    (0o100_755, name.to_owned(), data.to_owned()),
                    (0o120_777, "l".to_owned(), data.to_owned()),
                    (0, "TRAILER!!!".to_owned(), String::new()),
                ]
            );
        }
    }

    #[test]
    fn folders_come_once_and_before_what_is_in_them() {
        let mut archive = Archive::new(Vec::new());
        archive.file("/lib/x/one", 0o644, b"1").unwrap();
        archive.file("/lib/x/two", 0o644, b"2").unwrap();
        archive.folder("/lib/x").unwrap();
        archive.folder("/").unwrap();
        let archive = archive.finish().unwrap();
        assert_eq!(names(&archive), ["lib", "lib/x", "lib/x/one", "lib/x/two", "TRAILER!!!"]);
        assert_eq!(read(&archive)[0].0, 0o040_755);
    }
}
