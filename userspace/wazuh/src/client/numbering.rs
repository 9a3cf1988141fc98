use std::path::PathBuf;

use crate::{Counter, CounterFile, FileError, Status, Trouble};

/// The numbers of our messages: greater with each message, over all connections and over every start.
#[derive(Debug)]
pub(crate) struct Numbering {
    path: PathBuf,
    clock: fn() -> u64,
    status: Status,
    file: Option<CounterFile>,
    last: Counter,
}

impl Numbering {
    pub(crate) fn new(path: PathBuf, clock: fn() -> u64, status: Status) -> Self {
        Self { path, clock, status, file: None, last: Counter::default() }
    }

    /// The numbers of the last message, before a connection. Without its file it goes on all the same, from the clock: few
    /// managers look at the numbers, and none hears of anything if we are silent.
    pub(crate) fn last(&mut self) -> Counter {
        if self.file.is_none() {
            let now = (self.clock)();
            match CounterFile::open(self.path.clone(), now) {
                Ok((file, counter)) => {
                    self.file = Some(file);
                    self.last = self.last.max(counter);
                }
                Err(error) => {
                    self.complain(error);
                    self.last = self.last.max(Counter::starting_at(u32::try_from(now).unwrap_or_default()));
                }
            }
        }
        self.last
    }

    /// These are used by a message that is about to be sent.
    pub(crate) fn set_used(&mut self, counter: Counter) {
        self.last = counter;
        let covered = self.file.as_mut().map(|file| file.cover(counter));
        if let Some(Err(error)) = covered {
            self.complain(error);
            // It is opened anew for the next connection.
            self.file = None;
        }
    }

    fn complain(&self, error: FileError) {
        let trouble = Trouble::Counter(error);
        self.status.counters().add_failure(trouble.kind());
        tracing::warn!(error = %trouble.explain(), help = trouble.help(), "messages are numbered by the clock");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_with_and_without_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for (path, failures) in [("counter", 0), ("missing/counter", 2)] {
            let status = Status::new();
            let path = folder.path().join(path);
            let mut last = Counter::default();
            for _ in 0..2 {
                let mut numbering = Numbering::new(path.clone(), || 1_700_000_000, status.clone());
                let first = numbering.last();
                assert!(first > last || failures > 0);
                numbering.set_used(first.next());
                assert_eq!(numbering.last, first.next());
                last = numbering.last;
            }
            assert_eq!(status.counters().failures().iter().map(|(_, count)| count).sum::<u64>(), failures);
        }
    }
}
