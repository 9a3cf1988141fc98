use std::path::PathBuf;

use super::Counter;
use crate::{FileError, file};

/// Most bytes of the file: two numbers.
const FILE_BYTES: usize = 64;

/// How many values of the first number one write stands for, each of them good for 9,997 messages.
const AHEAD: u32 = 16;

/// Keeps the numbers of an agent's messages growing over every restart, also one that nobody had time to prepare, without
/// a write for each message: the file holds a value that is not reached before it is written again.
#[derive(Debug)]
pub struct CounterFile {
    path: PathBuf,
    /// Every first number up to here may be used.
    covered: u32,
}

impl CounterFile {
    /// Opens the file, or makes it, and gives the counter after which the next message comes. `unix_seconds` is the time: the
    /// first number is at least that, so that also an agent whose file was lost, or put back from a copy, goes on with
    /// greater ones.
    ///
    /// # Errors
    /// [`FileError`] where it cannot be read or written. What is in it, if it is no counter, is taken for nothing.
    pub fn open(path: PathBuf, unix_seconds: u64) -> Result<(Self, Counter), FileError> {
        let stored =
            file::read(&path, FILE_BYTES)?.and_then(|bytes| str::from_utf8(&bytes).ok()?.parse().ok());
        let after = stored.and_then(|counter: Counter| counter.global.checked_add(1)).unwrap_or_default();
        let counter = Counter::starting_at(after.max(u32::try_from(unix_seconds).unwrap_or_default()));
        let mut opened = Self { path, covered: 0 };
        opened.write(counter.global)?;
        Ok((opened, counter))
    }

    /// To be called with the numbers of each message before it is sent. It writes once in 159,952 messages.
    ///
    /// # Errors
    /// [`FileError`] where it cannot be written: a restart may then use numbers again, unless the clock has gone on.
    pub fn cover(&mut self, counter: Counter) -> Result<(), FileError> {
        if counter.global <= self.covered { Ok(()) } else { self.write(counter.global) }
    }

    fn write(&mut self, global: u32) -> Result<(), FileError> {
        let covered = global.saturating_add(AHEAD - 1);
        file::replace(&self.path, Counter::starting_at(covered).to_string().as_bytes())?;
        self.covered = covered;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn numbers_grow_over_every_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sender_counter");
        let mut last = Counter::default();
        // The clock stands still, and then goes back.
        for (messages, time) in [(1, 1000), (3, 1000), (500_000, 1000), (9_997, 5), (0, 0), (2, 0)] {
            let (mut file, mut counter) = CounterFile::open(path.clone(), time).unwrap();
            for _ in 0..messages {
                counter = counter.next();
                assert!(counter > last, "{counter} after {last}");
                file.cover(counter).unwrap();
                last = counter;
            }
        }
    }

    #[test]
    fn messages_in_between_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sender_counter");
        let (mut file, mut counter) = CounterFile::open(path.clone(), 1000).unwrap();
        fs::remove_file(&path).unwrap();
        for _ in 0..9_997 * AHEAD {
            counter = counter.next();
            file.cover(counter).unwrap();
        }
        assert!(!path.exists());
        file.cover(counter.next()).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "1031:0:");
    }

    #[test]
    fn what_is_no_counter_is_replaced() {
        for (text, first) in [("", 1000), ("junk", 1000), ("4294967295:1:", 1000), ("2000:9997:\n", 2001)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("sender_counter");
            fs::write(&path, text).unwrap();
            assert_eq!(CounterFile::open(path, 1000).unwrap().1, Counter::starting_at(first), "{text}");
        }
    }
}
