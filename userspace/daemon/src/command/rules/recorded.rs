//! Events as JSON lines, one after the other.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use rampart_model::Record;

use super::Stop;
use crate::exit::{Exit, Failure};

/// Longest line that is read as an event, in bytes.
const MAX_LINE: usize = 1 << 20;

/// A file of events, or stdin.
pub(super) struct Recorded {
    path: PathBuf,
    lines: Box<dyn BufRead>,
    line: Vec<u8>,
    next: u64,
}

/// A line that is an event, or says why it is none.
pub(super) struct Line {
    /// From 0.
    pub(super) number: u64,
    pub(super) event: Result<Record, String>,
}

impl Recorded {
    /// `-` is stdin.
    pub(super) fn open(path: &Path) -> Result<Self, Stop> {
        let lines: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = File::open(path).map_err(|error| unreadable(path, &error))?;
            Box::new(BufReader::new(file))
        };
        Ok(Self { path: path.to_owned(), lines, line: Vec::new(), next: 0 })
    }

    /// The next line that is not blank; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Stop> {
        loop {
            let read = next_line(&mut self.lines, &mut self.line);
            let Some(read) = read.map_err(|error| unreadable(&self.path, &error))? else { return Ok(None) };
            let number = self.next;
            self.next += 1;
            match read.and_then(|()| record(&self.line)) {
                Ok(None) => {}
                Ok(Some(event)) => return Ok(Some(Line { number, event: Ok(event) })),
                Err(reason) => return Ok(Some(Line { number, event: Err(reason) })),
            }
        }
    }

    /// A line's place and what is wrong with it, for people, who count from 1.
    pub(super) fn problem(&self, number: u64, reason: &str) -> String {
        format!("{}:{}: error: {reason}", self.path.display(), number + 1)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Stop {
    Stop::Fail(Failure::message(Exit::Unavailable, format!("{}: {error}", path.display())))
}

/// Reads the next line, without keeping more of it than [`MAX_LINE`]. None at the end.
fn next_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Result<(), String>>> {
    line.clear();
    if (&mut *lines).take(MAX_LINE as u64 + 1).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || line.len() <= MAX_LINE {
        return Ok(Some(Ok(())));
    }
    lines.skip_until(b'\n')?;
    Ok(Some(Err(format!("the line is longer than {MAX_LINE} bytes"))))
}

/// None for a blank line.
fn record(line: &[u8]) -> Result<Option<Record>, String> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let json = serde_json::from_slice(line.trim_ascii_end()).map_err(|error| explain(&error))?;
    Record::from_json(&json).map(Some).map_err(|error| error.to_string())
}

/// The line that the library counts is always the first.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON at column {}: {reason}", error.column())
}
