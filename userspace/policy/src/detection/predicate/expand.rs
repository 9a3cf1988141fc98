//! `|expand`: placeholders in a value, and the values that come of them.

use std::sync::Arc;

use super::draft::Trouble;
use crate::{
    Fault,
    detection::wildcard::{Part, Pattern},
    limit,
    placeholder::is_name,
    reader::Reader,
};

/// What the values of placeholders are put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    /// A value as Sigma writes it.
    Value,
    /// A regular expression, of which the values become a part that means the same.
    Regex,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(String),
    Placeholder(&'a str),
}

/// Every value that a value with placeholders stands for.
pub(super) fn expand(reader: &mut Reader, into: Into, value: &str) -> Result<Vec<String>, Trouble> {
    let pieces = pieces(value)?;
    let holes = pieces.iter().filter(|piece| matches!(piece, Piece::Placeholder(_))).count();
    if holes > limit::PLACEHOLDERS_PER_VALUE {
        return Err(Trouble::too_much(
            "the number of placeholders in one value",
            limit::PLACEHOLDERS_PER_VALUE,
        ));
    }
    let mut values = vec![String::new()];
    for piece in pieces {
        match piece {
            Piece::Text(text) => values.iter_mut().for_each(|value| value.push_str(&text)),
            Piece::Placeholder(name) => values = multiply(reader, into, &values, name)?,
        }
    }
    Ok(values)
}

fn multiply(reader: &mut Reader, into: Into, heads: &[String], name: &str) -> Result<Vec<String>, Trouble> {
    let placeholders = Arc::clone(reader.placeholders());
    let Some(values) = placeholders.values(name) else {
        return Err(Fault::UnknownPlaceholder(name.to_owned()).into());
    };
    let count = heads.len() * values.len();
    if count > limit::VALUES {
        return Err(Trouble::too_much("the number of values that placeholders stand for", limit::VALUES));
    }
    let in_heads = heads.iter().map(String::len).sum::<usize>();
    let in_values = values.iter().map(|value| value.len()).sum::<usize>();
    reader.spend(count, in_heads * values.len() + in_values * heads.len())?;
    let tails: Vec<_> = values.iter().map(|value| part(into, value)).collect();
    Ok(heads.iter().flat_map(|head| tails.iter().map(move |tail| [head.as_str(), tail].concat())).collect())
}

/// A backslash takes the meaning of the character behind it, of a percent sign too.
fn pieces(value: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('%') => text.push('%'),
                next => {
                    text.push('\\');
                    text.extend(next);
                }
            },
            '%' => {
                let name = characters.as_str().split_once('%').filter(|(name, _)| is_name(name));
                let (name, rest) = name
                    .ok_or("a value with placeholders such as `%name%`; for a percent sign, write `\\%`")?;
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Placeholder(name));
                characters = rest.chars();
            }
            _ => text.push(character),
        }
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// A placeholder's value, so that nothing beside it changes its meaning.
fn part(into: Into, value: &str) -> String {
    match into {
        Into::Value => {
            let backslashes = value.chars().rev().take_while(|character| *character == '\\').count();
            let closing = if backslashes % 2 == 1 { "\\" } else { "" };
            [value, closing].concat()
        }
        Into::Regex => {
            let pattern = Pattern::parse(value);
            let parts = pattern.parts().iter().map(|part| match part {
                Part::Text(text) => regex::escape(text),
                Part::One => ".".to_owned(),
                Part::Many => ".*".to_owned(),
            });
            format!("(?s:{})", parts.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_percent_signs() {
        let text = |text: &str| Piece::Text(text.to_owned());
        for (value, expected) in [
            ("x", vec![text("x")]),
            ("%a-b%", vec![text(""), Piece::Placeholder("a-b"), text("")]),
            (r"\%plain%name%", vec![text("%plain"), Piece::Placeholder("name"), text("")]),
            (r"C:\\%a%\*", vec![text(r"C:\\"), Piece::Placeholder("a"), text(r"\*")]),
            (r"\d\", vec![text(r"\d\")]),
        ] {
            assert_eq!(pieces(value), Ok(expected), "{value}");
        }
        for bad in ["100%", "%%", "% a %", "%a b%", "%a"] {
            assert!(pieces(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_keep_their_meaning() {
        for (into, value, expected) in [
            (Into::Value, r"C:\dir\", r"C:\dir\\"),
            (Into::Value, r"a\\", r"a\\"),
            (Into::Value, "srv*", "srv*"),
            (Into::Regex, "10.0.*", r"(?s:10\.0\..*)"),
            (Into::Regex, r"a?\*", r"(?s:a.\*)"),
        ] {
            assert_eq!(part(into, value), expected);
        }
    }
}
