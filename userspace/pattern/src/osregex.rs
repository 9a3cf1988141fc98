//! osregex, the language of Wazuh's policies, by an engine of our own that agrees with measurements of the
//! original (`tests/data/osregex.tsv`), its oddities included.
//!
//! `\d \w \s \t \p \. \D \W \S` are classes, and `+` and `*` repeat only what has a backslash. `|` separates
//! alternatives, parentheses capture and do no more, `^` and `$` stand at the ends of an alternative. All
//! else is itself, in either case.

mod program;
mod reader;
mod scan;
mod steps;
mod token;

use std::ops::Range;

use self::{
    program::{Found, Program},
    steps::Steps,
};
use crate::{Exhausted, PatternError};

#[derive(Debug)]
pub(crate) struct OsRegex {
    alternatives: Box<[Program]>,
}

impl OsRegex {
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        Ok(Self { alternatives: reader::read(text)? })
    }

    pub(crate) fn is_match(&self, line: &[u8]) -> Result<bool, Exhausted> {
        Ok(self.find(line)?.is_some())
    }

    /// As [`crate::Pattern::first_group`], by positions.
    #[expect(clippy::option_option, reason = "no match, and a match without a group, are two things")]
    pub(crate) fn first_group(&self, line: &[u8]) -> Result<Option<Option<Range<usize>>>, Exhausted> {
        Ok(self.find(line)?.map(|found| found.group))
    }

    /// The first alternative that matches anywhere in the line counts.
    fn find(&self, line: &[u8]) -> Result<Option<Found>, Exhausted> {
        let mut steps = Steps::new(line.len());
        for program in &self.alternatives {
            if let Some(found) = program.find(line, &mut steps)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
