//! PCRE2, with limits that the pattern itself cannot lift.
//!
//! Without JIT: that takes memory which is writable and executable, ten times as long to compile, and gains
//! little on lines of this length. The compiled size is bounded by PCRE2 itself, to 64 KiB.

use std::ops::{Range, RangeInclusive};

use pcre2::bytes::{CaptureLocations, Regex, RegexBuilder};

use crate::{Exhausted, PatternError};

/// Put before every pattern: steps of a match, and KiB of memory for what it can go back to. Of two settings
/// PCRE2 takes the lower one.
const LIMITS: &str = "(*LIMIT_MATCH=1000000)(*LIMIT_HEAP=8192)";

/// From PCRE2_ERROR_UTF8_ERR1 to PCRE2_ERROR_UTF8_ERR21: the line is not what a `(*UTF)` asks for.
const NOT_UTF8: RangeInclusive<i32> = -23..=-3;

pub(crate) struct Pcre2(Regex);

impl Pcre2 {
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        RegexBuilder::new().build(&format!("{LIMITS}{text}")).map(Self).map_err(|error| fault(&error))
    }

    pub(crate) fn is_match(&self, line: &[u8]) -> Result<bool, Exhausted> {
        Ok(self.find(line)?.is_some())
    }

    /// As [`crate::Pattern::first_group`], by positions.
    #[expect(clippy::option_option, reason = "no match, and a match without a group, are two things")]
    pub(crate) fn first_group(&self, line: &[u8]) -> Result<Option<Option<Range<usize>>>, Exhausted> {
        Ok(self.find(line)?.map(|groups| groups.get(1).map(|(start, end)| start..end)))
    }

    /// What a match needs is made anew, or each pattern would keep as much as its worst line took.
    fn find(&self, line: &[u8]) -> Result<Option<CaptureLocations>, Exhausted> {
        let mut groups = self.0.capture_locations();
        match self.0.captures_read(&mut groups, line) {
            Ok(found) => Ok(found.map(|_| groups)),
            Err(error) if NOT_UTF8.contains(&error.code()) => Ok(None),
            Err(_) => Err(Exhausted),
        }
    }
}

/// The library's message, with the position in the pattern as it was written.
fn fault(error: &pcre2::Error) -> PatternError {
    let text = error.to_string();
    let offset = error.offset().unwrap_or_default();
    let message = text.split_once(&format!("{offset}: ")).map_or(&*text, |(_, message)| message);
    PatternError::Pcre2 { offset: offset.saturating_sub(LIMITS.len()), message: message.into() }
}
