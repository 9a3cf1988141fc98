//! From the text of a pattern to its alternatives.

use super::{
    program::{Group, Program},
    token::{Class, Repeat, Test, Token},
};
use crate::PatternError;

/// Reads a pattern.
pub(super) fn read(text: &str) -> Result<Box<[Program]>, PatternError> {
    let mut reader = Reader { text, at: 0, finished: Vec::new(), draft: Draft::default() };
    while let Some(letter) = reader.next() {
        reader.element(letter)?;
    }
    reader.end_alternative()?;
    Ok(reader.finished.into())
}

struct Reader<'p> {
    text: &'p str,
    /// Behind the letter that is read.
    at: usize,
    finished: Vec<Program>,
    draft: Draft,
}

/// An alternative that is being read.
#[derive(Default)]
struct Draft {
    before: Before,
    from_start: bool,
    to_end: bool,
    tokens: Vec<Token>,
    group: Option<Group>,
    /// Where the open parenthesis is.
    open: Option<usize>,
}

/// What was read last.
#[derive(Default, PartialEq, Eq)]
enum Before {
    #[default]
    Nothing,
    GroupEnd,
    Other,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn element(&mut self, letter: u8) -> Result<(), PatternError> {
        let before = std::mem::replace(&mut self.draft.before, Before::Other);
        let behind_group = before == Before::GroupEnd;
        match letter {
            b'|' => self.end_alternative()?,
            b'^' if before == Before::Nothing => self.draft.from_start = true,
            b'$' if matches!(self.peek(), None | Some(b'|')) => self.draft.to_end = true,
            b'(' => self.open_group(behind_group)?,
            b')' => self.close_group()?,
            b'\\' => {
                let token = self.escape()?;
                self.draft.tokens.push(Token { behind_group, ..token });
            }
            _ => self.draft.tokens.push(Token::literal(letter)),
        }
        Ok(())
    }

    fn end_alternative(&mut self) -> Result<(), PatternError> {
        let Draft { from_start, to_end, tokens, group, open, .. } = std::mem::take(&mut self.draft);
        match open {
            None => self.finished.push(Program { from_start, to_end, tokens: tokens.into(), group }),
            // The text goes on, so this is a `|`.
            Some(_) if self.peek().is_some() => {
                return Err(PatternError::Alternative { offset: self.at.saturating_sub(1) });
            }
            Some(offset) => return Err(PatternError::Parenthesis { offset }),
        }
        Ok(())
    }

    fn open_group(&mut self, behind_group: bool) -> Result<(), PatternError> {
        let offset = self.at.saturating_sub(1);
        if self.draft.open.replace(offset).is_some() {
            return Err(PatternError::Parenthesis { offset });
        }
        if behind_group {
            // Measured: what has `)(` matches nothing.
            self.draft.tokens.push(Token { test: Test::Nothing, ..Token::literal(0) });
        }
        let at = self.draft.tokens.len();
        self.draft.group.get_or_insert(Group { open: at, close: usize::MAX });
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), PatternError> {
        if self.draft.open.take().is_none() {
            return Err(PatternError::Parenthesis { offset: self.at.saturating_sub(1) });
        }
        self.draft.before = Before::GroupEnd;
        let at = self.draft.tokens.len();
        if let Some(group) = self.draft.group.as_mut().filter(|group| group.close == usize::MAX) {
            group.close = at;
        }
        Ok(())
    }

    /// Reads what is behind a backslash.
    fn escape(&mut self) -> Result<Token, PatternError> {
        let offset = self.at.saturating_sub(1);
        let letter = self.next().ok_or(PatternError::OpenEscape)?;
        let test = match (Class::of(letter), letter) {
            (Some(class), _) => Test::Class(class),
            (None, b'(' | b')' | b'\\' | b'$' | b'|' | b'<') => Test::Byte(letter),
            (None, _) => {
                let escaped = self.text.get(offset + 1..).and_then(|rest| rest.chars().next());
                return Err(PatternError::Escape { offset, escaped: escaped.unwrap_or('\\') });
            }
        };
        let repeat = match self.peek() {
            Some(b'*') => Repeat::Any,
            Some(b'+') => Repeat::Some,
            _ => Repeat::Once,
        };
        self.at += usize::from(repeat != Repeat::Once);
        Ok(Token { test, repeat, escaped: true, behind_group: false })
    }
}
