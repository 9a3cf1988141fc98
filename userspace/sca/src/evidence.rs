//! What a result rests on: the rules that decided, what they expect, and what was seen.

mod expectation;
mod mask;

use std::sync::Arc;

use rampart_model::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use self::{expectation::expectation, mask::shown};

/// Rules of one result that are shown; the others are only counted.
pub const SHOWN_RULES: usize = 16;

/// Things that one rule has looked at and that are shown; the others are only counted.
pub const SHOWN_OBSERVATIONS: usize = 8;

/// What a result rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// The rules that decided.
    pub rules: Vec<RuleEvidence>,
    /// How many more decided than are shown ([`SHOWN_RULES`]).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_rules: usize,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEvidence {
    /// As it is written, variables replaced.
    pub rule: Arc<str>,
    /// Whether it holds; none where that cannot be told.
    pub holds: Option<bool>,
    /// What it asks for, in words.
    pub expected: String,
    /// What was there.
    pub observed: Vec<Observed>,
    /// How many more things were looked at than are shown ([`SHOWN_OBSERVATIONS`]).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_observed: usize,
}

impl RuleEvidence {
    /// What was asked for and what was there.
    #[must_use]
    pub fn sentence(&self) -> String {
        let seen = self.observed.iter().map(Observed::sentence).collect::<Vec<_>>().join("; ");
        let seen = if seen.is_empty() { "nothing".to_owned() } else { seen };
        match self.holds {
            Some(true) => format!("found {}; there: {seen}", self.expected),
            Some(false) => format!("expected {}; there: {seen}", self.expected),
            None => format!("cannot be told: {}; there: {seen}", self.expected),
        }
    }
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Observed {
    /// A file.
    File {
        /// Its path inside the root.
        path: String,
        /// Mode as four octal digits; none where it is not there.
        #[serde(skip_serializing_if = "Option::is_none")]
        mode: Option<String>,
        /// Owner and group, as numbers.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner: Option<(u32, u32)>,
        /// The line that decided, or came near to it.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<Line>,
        /// Why it could not be looked at.
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<Arc<str>>,
        /// When.
        at: Timestamp,
    },
    /// A folder.
    Folder {
        /// Its path inside the root.
        path: Arc<str>,
        /// Entries whose names match.
        entries: usize,
        /// Why it could not be looked at.
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<Arc<str>>,
        /// When.
        at: Timestamp,
    },
    /// What a command printed.
    Command {
        /// As it was run.
        command: Arc<str>,
        /// How it ended; none where a signal ended it, or it did not run.
        #[serde(skip_serializing_if = "Option::is_none")]
        exit_code: Option<i32>,
        /// The line that decided, or came near to it, or the first that is not empty.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<Line>,
        /// Why it gave no answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<Arc<str>>,
        /// How long it ran, in milliseconds.
        took_ms: u64,
        /// When it was started.
        at: Timestamp,
    },
    /// The processes.
    Processes {
        /// How many there were.
        count: usize,
        /// The first that the pattern is true of.
        #[serde(skip_serializing_if = "Option::is_none")]
        pid: Option<u32>,
        /// Its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Why they could not be looked at.
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<Arc<str>>,
        /// When.
        at: Timestamp,
    },
}

impl Observed {
    fn sentence(&self) -> String {
        let of = |line: &Option<Line>| match line {
            Some(line) => format!("line {} `{}`", line.number, line.text),
            None => "no such line".to_owned(),
        };
        match self {
            Self::File { problem: Some(problem), .. }
            | Self::Folder { problem: Some(problem), .. }
            | Self::Command { problem: Some(problem), .. }
            | Self::Processes { problem: Some(problem), .. } => problem.to_string(),
            Self::File { path, mode: None, .. } => format!("{path} is not there"),
            Self::File { path, mode: Some(mode), line, .. } => match line {
                Some(_) => format!("{path}: {}", of(line)),
                None => format!("{path} (mode {mode})"),
            },
            Self::Folder { path, entries, .. } => format!("{path}: {entries} such entries"),
            Self::Command { line: None, exit_code, .. } => match exit_code {
                Some(code) => format!("no output (exit code {code})"),
                None => "no output".to_owned(),
            },
            Self::Command { line, .. } => of(line),
            Self::Processes { name: Some(name), pid, .. } => {
                format!("{name} (pid {})", pid.unwrap_or_default())
            }
            Self::Processes { name: None, count, .. } => format!("none of {count} processes"),
        }
    }
}

/// A line of a file or of what a command printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    /// What it says: cut, secrets masked, what cannot be printed replaced.
    pub text: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}
