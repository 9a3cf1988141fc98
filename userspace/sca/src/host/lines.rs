//! The lines of a file, as the stock agent sees them.

use std::{
    io::{self, BufRead as _, BufReader, Read},
    ops::ControlFlow,
    path::Path,
    time::Instant,
};

use super::{FileFault, Limits};

/// A longer line is seen as several: what one fgets(3) into the stock agent's buffer of 2048 bytes yields.
const LINE_BYTES: u64 = 2047;

/// Why reading stopped before the end.
#[derive(Debug)]
pub(super) enum Stop {
    TooLarge,
    TooSlow,
    Unread(io::Error),
}

impl Stop {
    pub(super) fn of(self, path: &Path, limits: &Limits) -> FileFault {
        let path = path.to_owned();
        match self {
            Self::TooLarge => FileFault::TooLarge { path, bytes: limits.file_bytes },
            Self::TooSlow => FileFault::TooSlow { path, seconds: limits.file_time.as_secs() },
            Self::Unread(error) => FileFault::Unread { path, cause: (&error).into() },
        }
    }
}

/// Hands over each line until one breaks. One line is in memory at a time.
pub(super) fn read(
    source: impl Read,
    limits: &Limits,
    line: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(), Stop> {
    let started = Instant::now();
    let mut source = BufReader::new(source);
    let mut piece = Vec::new();
    let mut total = 0;
    loop {
        piece.clear();
        source.by_ref().take(LINE_BYTES).read_until(b'\n', &mut piece).map_err(Stop::Unread)?;
        if piece.is_empty() {
            return Ok(());
        }
        total += piece.len() as u64;
        if total > limits.file_bytes {
            return Err(Stop::TooLarge);
        }
        if line(text(&piece)).is_break() {
            return Ok(());
        }
        if started.elapsed() > limits.file_time {
            return Err(Stop::TooSlow);
        }
    }
}

/// What is left of a piece as a C string without its line end. The NUL comes first: a carriage return before it is at
/// the end of the string.
fn text(piece: &[u8]) -> &[u8] {
    let string = piece.split(|byte| *byte == 0).next().unwrap_or_default();
    let end = string.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    string.get(..end).unwrap_or_default()
}
