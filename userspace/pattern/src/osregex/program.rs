use std::ops::Range;

use memchr::memchr2;

use super::{
    scan::{End, Scan},
    steps::Steps,
    token::{Repeat, Test, Token},
};
use crate::Exhausted;

/// One alternative of a pattern.
#[derive(Debug)]
pub(super) struct Program {
    /// `^`: only at the beginning of the line.
    pub(super) from_start: bool,
    /// `$`: only up to the end of the line.
    pub(super) to_end: bool,
    pub(super) tokens: Box<[Token]>,
    /// The first pair of parentheses.
    pub(super) group: Option<Group>,
}

/// A pair of parentheses, by the numbers of the tokens behind them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) open: usize,
    pub(super) close: usize,
}

/// A match.
pub(super) struct Found {
    /// What the first group took, if there is a group.
    pub(super) group: Option<Range<usize>>,
}

impl Program {
    /// The first match in a line.
    pub(super) fn find(&self, line: &[u8], steps: &mut Steps) -> Result<Option<Found>, Exhausted> {
        if line.is_empty() {
            let matches = self.tokens.iter().all(|token| token.repeat == Repeat::Any);
            return Ok(matches.then(|| Found { group: self.group.map(|_| 0..0) }));
        }
        let mut next = self.start(line, 0, steps)?;
        let mut scan = Scan::new(self, line);
        while let Some(start) = next {
            let from = match scan.run(start, steps)? {
                End::Match => return Ok(Some(Found { group: scan.group() })),
                End::Never => return Ok(None),
                // Measured: it goes on behind what a first repetition took, and overlooks matches in that.
                End::Mismatch(at) if self.begins_with_repetition() => at.max(start + 1),
                End::Mismatch(_) => start + 1,
            };
            next = self.start(line, from, steps)?;
        }
        Ok(None)
    }

    fn begins_with_repetition(&self) -> bool {
        self.tokens.first().is_some_and(|token| token.repeat != Repeat::Once)
    }

    /// The first position from `from` on where a match may begin. Not the end of the line: measured.
    fn start(&self, line: &[u8], from: usize, steps: &mut Steps) -> Result<Option<usize>, Exhausted> {
        if self.from_start {
            return Ok((from == 0).then_some(0));
        }
        let Some(rest) = line.get(from..).filter(|rest| !rest.is_empty()) else { return Ok(None) };
        let offset = match self.tokens.first() {
            None | Some(Token { repeat: Repeat::Any, .. }) => return Ok(Some(from)),
            Some(Token { test: Test::Byte(byte), .. }) => memchr2(*byte, byte.to_ascii_uppercase(), rest),
            Some(token) => rest.iter().position(|byte| token.holds(*byte)),
        };
        steps.spend_on_search(offset.unwrap_or(rest.len()))?;
        Ok(offset.map(|offset| from + offset))
    }
}
