//! Text that must stand in a field for a pattern or regular expression to match it: what an index can look for.

mod hir;

use std::str::Chars;

use rampart_policy::{Anchor, Part, Pattern};

pub(super) use self::hir::of_regex;

/// Longest literal that is indexed, in bytes; of a longer one a piece is.
const LENGTH: usize = 64;

/// A piece of text, folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Literal {
    pub(super) text: Box<[u8]>,
    pub(super) anchor: Anchor,
}

impl Literal {
    /// None for empty text, which stands everywhere.
    pub(super) fn new(text: &str, anchor: Anchor) -> Option<Self> {
        let mut folded = Vec::new();
        fold(text, &mut folded);
        if folded.is_empty() {
            return None;
        }
        if folded.len() > LENGTH {
            return Some(Self::piece(&folded, anchor));
        }
        Some(Self { text: folded.into(), anchor })
    }

    /// What is left of a long text still stands where the whole does.
    fn piece(folded: &[u8], anchor: Anchor) -> Self {
        let (start, anchor) = match anchor {
            Anchor::Whole | Anchor::Start => (0, Anchor::Start),
            Anchor::End => (folded.len() - LENGTH, Anchor::End),
            Anchor::Anywhere => (0, Anchor::Anywhere),
        };
        let text = folded.iter().copied().skip(start).take(LENGTH).collect();
        Self { text, anchor }
    }
}

/// The pieces that a text must have, all of them, for a pattern to match it. None for a pattern of wildcards only.
pub(super) fn of_pattern(pattern: &Pattern) -> impl Iterator<Item = Literal> {
    let parts = pattern.parts();
    parts.iter().enumerate().filter_map(move |(number, part)| {
        let Part::Text(text) = part else { return None };
        let anchor = match (number == 0, number + 1 == parts.len()) {
            (true, true) => Anchor::Whole,
            (true, false) => Anchor::Start,
            (false, true) => Anchor::End,
            (false, false) => Anchor::Anywhere,
        };
        Literal::new(text, anchor)
    })
}

/// Text as literals and fields are compared in an index: two texts that any comparison takes for the same are the
/// same here.
pub(super) fn fold(text: &str, folded: &mut Vec<u8>) {
    folded.clear();
    if text.is_ascii() {
        folded.extend_from_slice(text.as_bytes());
        folded.make_ascii_lowercase();
        return;
    }
    let mut bytes = [0; 4];
    for character in text.chars() {
        folded.extend_from_slice(fold_character(character).encode_utf8(&mut bytes).as_bytes());
    }
}

fn fold_character(character: char) -> char {
    match character {
        // Unicode's simple folding, which regular expressions go by, makes ASCII of these two.
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        _ if character.is_ascii() => character.to_ascii_lowercase(),
        _ => single(character.to_lowercase().collect::<Box<str>>().chars()).unwrap_or(character),
    }
}

fn single(mut characters: Chars<'_>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}
