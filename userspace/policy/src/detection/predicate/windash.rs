//! `|windash`: the characters that begin an option on Windows, one in place of the other.

use crate::limit;

const DASHES: [char; 5] = ['-', '/', '–', '—', '―'];

/// A value cut at the dashes that can be any.
#[derive(Debug)]
pub(super) struct Template<'a>(Vec<&'a str>);

impl<'a> Template<'a> {
    /// A dash counts that comes after no word, and before one: in ` -no-profile` the first. Wildcards and backslashes are
    /// no words, so the value can be looked at as it is written.
    pub(super) fn new(value: &'a str) -> Self {
        let mut pieces = Vec::new();
        let (mut rest, mut from) = (value, 0);
        let mut before = None;
        for (at, character) in value.char_indices() {
            let end = at + character.len_utf8();
            let after = value.get(end..).and_then(|tail| tail.chars().next());
            if DASHES.contains(&character) && !before.is_some_and(is_word) && after.is_some_and(is_word) {
                pieces.extend(value.get(from..at));
                rest = value.get(end..).unwrap_or_default();
                from = end;
            }
            before = Some(character);
        }
        pieces.push(rest);
        Self(pieces)
    }

    /// How many dashes can be any.
    pub(super) fn dashes(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// How many values come of it; none where there are more dashes than may be.
    pub(super) fn count(&self) -> Option<usize> {
        let dashes = u32::try_from(self.dashes()).ok()?;
        (self.dashes() <= limit::DASHES).then(|| DASHES.len().pow(dashes))
    }

    /// Every value. As many as [`count`](Self::count) says.
    pub(super) fn values(&self) -> Vec<String> {
        let mut pieces = self.0.iter();
        let mut values = vec![pieces.next().copied().unwrap_or_default().to_owned()];
        for piece in pieces {
            let with = |head: &String| DASHES.map(|dash| format!("{head}{dash}{piece}"));
            values = values.iter().flat_map(with).collect();
        }
        values
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_before_words_are_exchanged() {
        for (value, expected) in [
            ("plain", "plain"),
            ("-a", "-a /a –a —a ―a"),
            ("*/a-b", "*-a-b */a-b *–a-b *—a-b *―a-b"),
            ("a-b", "a-b"),
            ("--", "--"),
            ("--a", "--a -/a -–a -—a -―a"),
            (r"\-a", r"\-a \/a \–a \—a \―a"),
            ("", ""),
        ] {
            let template = Template::new(value);
            assert_eq!(template.values().join(" "), expected);
            assert_eq!(template.count(), Some(template.values().len()));
        }
        assert_eq!(Template::new(" -a -b").values().len(), 25);
        assert_eq!(Template::new(&" -a".repeat(limit::DASHES + 1)).count(), None);
    }
}
