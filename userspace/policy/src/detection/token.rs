use std::fmt;

use super::condition::{ConditionError, ConditionErrorKind};

/// One word of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    Open,
    Close,
    And,
    Or,
    Not,
    Of,
    Name(&'a str),
}

/// A word and the number of its first character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) at: usize,
    pub(super) word: Word<'a>,
}

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "(",
            Self::Close => ")",
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
            Self::Of => "of",
            Self::Name(name) => name,
        })
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ConditionError> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 0);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' => 1,
            _ if first.is_whitespace() => first.len_utf8(),
            _ => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
        };
        let Some((token, tail)) = rest.split_at_checked(length).filter(|(token, _)| !token.is_empty()) else {
            return Err(ConditionError { at, kind: ConditionErrorKind::Character(first) });
        };
        if !first.is_whitespace() {
            tokens.push(Token { at, word: word(token) });
        }
        at += token.chars().count();
        rest = tail;
    }
    Ok(tokens)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '?')
}

fn word(token: &str) -> Word<'_> {
    match token {
        "(" => Word::Open,
        ")" => Word::Close,
        "and" | "AND" => Word::And,
        "or" | "OR" => Word::Or,
        "not" | "NOT" => Word::Not,
        "of" | "OF" => Word::Of,
        name => Word::Name(name),
    }
}
