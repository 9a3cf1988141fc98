//! The file that a manager pushes to the agents of a group (`merged.mg`). Only its sum is of use to us: a manager pushes it
//! until the sum is reported. The content is read past, never kept, and nothing in it is ever obeyed: the configuration of
//! this agent is not the manager's to change.

use md5::{Digest as _, Md5};

/// Longest file that is read. Of a longer one the announced sum is reported, unread, because the manager would push it again
/// after every keepalive.
const FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The shared file's name; managers push others as well, such as new versions of the agent.
const NAME: &str = "merged.mg";

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// Whole, and its sum is the one that was announced.
    Whole,
    /// Longer than [`FILE_BYTES`].
    TooLong,
    /// Its sum is another than was announced.
    Different,
    /// Another file than the shared one.
    Other,
    /// An end without a beginning.
    Stray,
}

/// What is known of the shared file.
#[derive(Debug, Default)]
pub(crate) struct SharedFile {
    sum: Option<String>,
    receiving: Option<Receiving>,
}

#[derive(Debug)]
struct Receiving {
    is_shared: bool,
    announced: String,
    digest: Md5,
    bytes: u64,
}

impl SharedFile {
    /// The sum to report, in hex; none before a file was received.
    pub(crate) fn sum(&self) -> Option<&str> {
        self.sum.as_deref()
    }

    /// Whether what has no header is a part of the file.
    pub(crate) const fn is_receiving(&self) -> bool {
        self.receiving.is_some()
    }

    /// A file of this name and with this sum begins; one that was begun before is given up.
    pub(crate) fn begin(&mut self, name: &str, announced: &str) {
        let (is_shared, announced) = (name == NAME, announced.to_ascii_lowercase());
        self.receiving = Some(Receiving { is_shared, announced, digest: Md5::new(), bytes: 0 });
    }

    /// The next part.
    pub(crate) fn part(&mut self, part: &[u8]) {
        if let Some(receiving) = &mut self.receiving {
            receiving.bytes = receiving.bytes.saturating_add(part.len() as u64);
            if receiving.bytes <= FILE_BYTES {
                receiving.digest.update(part);
            }
        }
    }

    /// The file has ended. Its own sum is reported even when it is not the announced one: then it is pushed again.
    pub(crate) fn end(&mut self) -> Received {
        let Some(receiving) = self.receiving.take() else { return Received::Stray };
        if !receiving.is_shared {
            return Received::Other;
        }
        if receiving.bytes > FILE_BYTES {
            self.sum = Some(receiving.announced);
            return Received::TooLong;
        }
        let halves = receiving.digest.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let sum: String = halves.filter_map(|half| char::from_digit(half.into(), 16)).collect();
        let whole = sum == receiving.announced;
        self.sum = Some(sum);
        if whole { Received::Whole } else { Received::Different }
    }

    /// The connection is lost: what was begun will not be ended.
    pub(crate) fn interrupt(&mut self) {
        self.receiving = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "900150983cd24fb0d6963f7d28e17f72";

    #[test]
    fn a_file_in_parts_has_the_sum_of_the_whole() {
        let mut file = SharedFile::default();
        for (parts, announced, expected) in [
            (["a", "bc"], ABC.to_uppercase(), Received::Whole),
            (["ab", "d"], ABC.to_owned(), Received::Different),
        ] {
            file.part(b"not begun");
            file.begin(NAME, &announced);
            for part in parts {
                file.part(part.as_bytes());
            }
            assert_eq!(file.end(), expected);
            assert_eq!(file.sum() == Some(ABC), expected == Received::Whole);
            assert_eq!(file.end(), Received::Stray);
        }
    }

    #[test]
    fn a_file_that_is_too_long_is_not_asked_for_again() {
        let mut file = SharedFile::default();
        file.begin(NAME, ABC);
        let part = vec![0; 1024 * 1024];
        (0..=8).for_each(|_| file.part(&part));
        assert_eq!(file.end(), Received::TooLong);
        assert_eq!(file.sum(), Some(ABC));
    }

    #[test]
    fn another_file_is_read_past() {
        let mut file = SharedFile::default();
        file.begin("agent.wpk", ABC);
        file.part(b"abc");
        assert_eq!((file.end(), file.sum()), (Received::Other, None));
    }

    #[test]
    fn a_file_that_was_interrupted_is_forgotten() {
        let mut file = SharedFile::default();
        file.begin(NAME, ABC);
        file.interrupt();
        assert!(!file.is_receiving());
        assert_eq!(file.end(), Received::Stray);
        assert_eq!(file.sum(), None);
    }
}
