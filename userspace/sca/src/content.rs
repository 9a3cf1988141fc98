//! What a line must be like.

use std::sync::Arc;

/// The pattern of a rule: minterms that must all hold for the same line.
#[derive(Debug)]
pub struct Content {
    text: Arc<str>,
}

/// What a [`Content`] says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineVerdict {
    /// It does not hold.
    NoMatch,
    /// It holds.
    Match,
    /// It cannot be known, for that reason.
    Invalid(Arc<str>),
    /// None of these: Wazuh multiplies the minterms' values, and what comes of two invalid ones, or of a negated invalid
    /// one, is no result. It ends the reading of a file and counts as not found.
    Neither,
}

impl Content {
    /// As it is written.
    #[must_use]
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Tests one line.
    #[must_use]
    pub fn test(&self, line: &[u8]) -> LineVerdict {
        if line == self.text.as_bytes() { LineVerdict::Match } else { LineVerdict::NoMatch }
    }
}
