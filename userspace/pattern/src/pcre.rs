//! PCRE2, with limits that the pattern itself cannot lift.

use std::ops::{Range, RangeInclusive};

use pcre2::bytes::{Regex, RegexBuilder};

use crate::{Exhausted, PatternError};

/// Put before every pattern. Of two settings of a limit PCRE2 takes the lower one, so a pattern cannot lift
/// it. Match steps, nested backtracking points, and KiB of memory.
const LIMITS: &str = "(*LIMIT_MATCH=1000000)(*LIMIT_DEPTH=10000)(*LIMIT_HEAP=20000)";

/// From PCRE2_ERROR_UTF8_ERR1 down to PCRE2_ERROR_UTF8_ERR21: the line is not what a `(*UTF)` asks for.
const NOT_UTF8: RangeInclusive<i32> = -23..=-3;

pub(crate) struct Pcre2(Regex);

impl Pcre2 {
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        // No JIT: its memory would be writable and executable.
        let regex = RegexBuilder::new()
            .build(&format!("{LIMITS}{text}"))
            .map_err(|error| PatternError::Pcre2(error.to_string().into()))?;
        Ok(Self(regex))
    }

    pub(crate) fn is_match(&self, line: &[u8]) -> Result<bool, Exhausted> {
        self.0.is_match(line).or_else(|error| no_match(&error))
    }

    /// As [`crate::Pattern::first_group`], by positions.
    #[expect(clippy::option_option, reason = "no match, and a match without a group, are two things")]
    pub(crate) fn first_group(&self, line: &[u8]) -> Result<Option<Option<Range<usize>>>, Exhausted> {
        match self.0.captures(line) {
            Ok(groups) => Ok(groups.map(|groups| groups.get(1).map(|group| group.start()..group.end()))),
            Err(error) => no_match(&error),
        }
    }
}

/// A line that is no UTF-8 does not match; every other error is a limit.
fn no_match<T: Default>(error: &pcre2::Error) -> Result<T, Exhausted> {
    if NOT_UTF8.contains(&error.code()) { Ok(T::default()) } else { Err(Exhausted) }
}
