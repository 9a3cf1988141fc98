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

/// The words of a condition over selections of these names.
pub(super) fn tokens<'a>(text: &'a str, selections: &[&str]) -> Result<Vec<Token<'a>>, ConditionError> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 0);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' => 1,
            _ if first.is_whitespace() => first.len_utf8(),
            _ => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
        };
        let Some((token, tail)) = rest.split_at_checked(length).filter(|(token, _)| !token.is_empty()) else {
            let kind = match first {
                '|' => ConditionErrorKind::Aggregation,
                _ => ConditionErrorKind::Character(first),
            };
            return Err(ConditionError { at, kind });
        };
        if !first.is_whitespace() {
            tokens.push(Token { at, word: word(token, selections) });
        }
        at += token.chars().count();
        rest = tail;
    }
    Ok(tokens)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '?')
}

fn word<'a>(token: &'a str, selections: &[&str]) -> Word<'a> {
    let words = [("and", Word::And), ("or", Word::Or), ("not", Word::Not), ("of", Word::Of)];
    let word = words.into_iter().find(|(word, _)| is_word(token, word, selections));
    match token {
        "(" => Word::Open,
        ")" => Word::Close,
        name => word.map_or(Word::Name(name), |(_, word)| word),
    }
}

/// Whether a name is a word of conditions, in any case; one in mixed case is a selection's where there is one.
pub(super) fn is_word(name: &str, word: &str, selections: &[&str]) -> bool {
    let plain = name == word || name == word.to_ascii_uppercase();
    plain || name.eq_ignore_ascii_case(word) && !selections.contains(&name)
}
