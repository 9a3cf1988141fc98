//! One attempt to match an alternative at one position.
//!
//! A repetition takes bytes until one comes that the next token wants too. That one goes to the next token,
//! and the repetition is noted as a place to fall back to. It looks no further than one token ahead, the
//! places are few, and some ends of lines count as a match that are none. "Measured" says where the original
//! differs from what the language lets expect: policies were tried against it, so it is followed.

use std::ops::Range;

use super::{
    program::Program,
    steps::Steps,
    token::{Repeat, Token},
};
use crate::Exhausted;

/// So many repetitions can be gone back to; the oldest is forgotten first.
const FALLBACKS: usize = 4;

/// How an attempt ended.
pub(super) enum End {
    Match,
    /// The first token took what is before this position.
    Mismatch(usize),
    /// Another position would not help.
    Never,
}

pub(super) struct Scan<'s> {
    program: &'s Program,
    line: &'s [u8],
    /// The position of the next byte.
    at: usize,
    /// The number of the token whose turn it is.
    turn: usize,
    /// That token is a repetition, and took something.
    took: bool,
    /// That token takes the next byte even if the token behind wants it.
    holds_on: bool,
    /// The newest first.
    fallbacks: [Option<Fallback>; FALLBACKS],
    /// Where the group begins and ends.
    open: Option<usize>,
    close: Option<usize>,
    /// Where the second token's turn began.
    second: Option<usize>,
}

/// A repetition that took less than it could have.
#[derive(Clone, Copy)]
struct Fallback {
    at: usize,
    turn: usize,
    holds_on: bool,
}

enum Step {
    Took,
    Complete,
    Stuck,
}

impl<'s> Scan<'s> {
    pub(super) fn new(program: &'s Program, line: &'s [u8]) -> Self {
        Self {
            program,
            line,
            at: 0,
            turn: 0,
            took: false,
            holds_on: false,
            fallbacks: [None; FALLBACKS],
            open: None,
            close: None,
            second: None,
        }
    }

    /// Tries to match at a position. An attempt that failed leaves no fallback to the next one.
    pub(super) fn run(&mut self, start: usize, steps: &mut Steps) -> Result<End, Exhausted> {
        self.at = start;
        self.holds_on = false;
        self.go_to(0, start);
        loop {
            let step = match self.line.get(self.at) {
                Some(&byte) => self.step(byte, steps)?,
                None if self.may_end() => return Ok(End::Match),
                None => Step::Stuck,
            };
            match step {
                Step::Took => self.at += 1,
                Step::Complete if !self.program.to_end => return Ok(End::Match),
                // Measured: what may be empty before `$` and is so here is not looked for elsewhere.
                Step::Complete if self.at == start => return Ok(End::Never),
                Step::Complete | Step::Stuck => {
                    if !self.fall_back() {
                        return Ok(End::Mismatch(self.first_end()));
                    }
                }
            }
        }
    }

    /// What the group took in a match. It may be open still, or not begun, where the line ended.
    pub(super) fn group(&self) -> Option<Range<usize>> {
        let group = self.program.group?;
        let open = self.open.filter(|_| self.turn >= group.open).unwrap_or(self.at);
        let close = self.close.filter(|_| self.turn >= group.close).unwrap_or(self.at);
        Some(open..close)
    }

    /// Where the first token's bytes ended.
    fn first_end(&self) -> usize {
        self.second.filter(|_| self.turn > 0).unwrap_or(self.at)
    }

    fn step(&mut self, byte: u8, steps: &mut Steps) -> Result<Step, Exhausted> {
        while let Some(&token) = self.program.tokens.get(self.turn) {
            steps.spend()?;
            if token.repeat == Repeat::Once {
                if !token.holds(byte) {
                    return Ok(Step::Stuck);
                }
                self.go_to(self.turn + 1, self.at + 1);
                return Ok(Step::Took);
            }
            let enough = self.took || token.repeat == Repeat::Any;
            let holds_on = std::mem::take(&mut self.holds_on);
            if enough && !holds_on && self.hand_over(token, byte) {
                return Ok(Step::Took);
            }
            if token.holds(byte) {
                self.took = true;
                return Ok(Step::Took);
            }
            if !enough {
                return Ok(Step::Stuck);
            }
            self.go_to(self.turn + 1, self.at);
        }
        Ok(Step::Complete)
    }

    /// Gives the byte to the next token, if it wants it.
    fn hand_over(&mut self, token: Token, byte: u8) -> bool {
        let Some(&next) = self.program.tokens.get(self.turn + 1).filter(|next| next.holds(byte)) else {
            return false;
        };
        if token.holds(byte) {
            // Measured: where a plain character was wanted and the attempt failed, the byte after it is taken
            // without a look ahead.
            self.note(Fallback { at: self.at + 1, turn: self.turn, holds_on: !next.escaped });
        }
        self.go_to(self.turn + 1, self.at);
        if next.repeat == Repeat::Once {
            self.go_to(self.turn + 1, self.at + 1);
        } else {
            self.took = true;
        }
        true
    }

    /// It is the turn of a token, from a position on.
    fn go_to(&mut self, turn: usize, at: usize) {
        self.turn = turn;
        self.took = false;
        if turn == 1 {
            self.second = Some(at);
        }
        if let Some(group) = self.program.group {
            if group.open == turn {
                self.open = Some(at);
            }
            if group.close == turn {
                self.close = Some(at);
            }
        }
    }

    fn note(&mut self, fallback: Fallback) {
        self.fallbacks.rotate_right(1);
        let [newest, ..] = &mut self.fallbacks;
        *newest = Some(fallback);
    }

    fn fall_back(&mut self) -> bool {
        let [newest, ..] = &mut self.fallbacks;
        let Some(Fallback { at, turn, holds_on }) = newest.take() else { return false };
        self.fallbacks.rotate_left(1);
        (self.at, self.turn, self.holds_on, self.took) = (at, turn, holds_on, true);
        true
    }

    /// Whether the end of the line may be here.
    fn may_end(&self) -> bool {
        let rest = self.program.tokens.get(self.turn..).unwrap_or_default();
        match rest {
            [] => true,
            [only] if !self.took => only.repeat == Repeat::Any,
            [_, rest @ ..] if self.took => may_lack(rest),
            _ => false,
        }
    }
}

/// Whether the end of the line may be in a repetition, with this behind it.
fn may_lack(rest: &[Token]) -> bool {
    match rest {
        [] => true,
        [last] => match last.repeat {
            Repeat::Any => true,
            // Measured: what must be there may be lacking right behind a group.
            Repeat::Some => last.behind_group,
            Repeat::Once => false,
        },
        // Measured: so may an escaped character before the last repetition.
        [first, last] => first.is_escaped_character() && last.repeat == Repeat::Any,
        _ => false,
    }
}
