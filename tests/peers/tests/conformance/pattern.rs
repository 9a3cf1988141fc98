//! Values with wildcards, written in every way that means the same.

use fastrand::Rng;

use crate::word::recase;

/// One piece of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    One,
    Many,
}

/// A value as a rule writes it.
///
/// A backslash need be doubled only before a wildcard, an escaped one, or another backslash: elsewhere either form
/// stands for one.
pub(crate) fn write(rng: &mut Rng, pieces: &[Piece]) -> String {
    let mut value = String::new();
    for (number, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::One => value.push('?'),
            Piece::Many => value.push('*'),
            Piece::Text(text) => {
                let wildcard_follows = matches!(pieces.get(number + 1), Some(Piece::One | Piece::Many));
                write_text(rng, text, wildcard_follows, &mut value);
            }
        }
    }
    value
}

fn write_text(rng: &mut Rng, text: &str, wildcard_follows: bool, value: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' => value.extend(['\\', character]),
            '\\' => {
                let special = match characters.peek() {
                    Some(next) => matches!(next, '*' | '?' | '\\'),
                    None => wildcard_follows,
                };
                value.push_str(if special || rng.bool() { r"\\" } else { r"\" });
            }
            _ => value.push(character),
        }
    }
}

/// A value that stands for exactly this text.
pub(crate) fn literal(rng: &mut Rng, text: &str) -> String {
    write(rng, &[Piece::Text(text.to_owned())])
}

/// The text with some of it behind wildcards; the cases of letters mixed unless they count.
pub(crate) fn with_wildcards(rng: &mut Rng, text: &str, cased: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while !rest.is_empty() {
        let length = rng.usize(1..=rest.len().min(9));
        let taken: String = rest.drain(..length).collect();
        match rng.u32(0..5) {
            0 if pieces.last() != Some(&Piece::Many) => pieces.push(Piece::Many),
            1 => pieces.extend(taken.chars().map(|_| Piece::One)),
            _ => push_text(&mut pieces, &if cased { taken } else { recase(rng, &taken) }),
        }
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Text(_))) {
        pieces = vec![Piece::Text(text.to_owned()), Piece::Many];
    }
    pieces
}

fn push_text(pieces: &mut Vec<Piece>, more: &str) {
    if let Some(Piece::Text(text)) = pieces.last_mut() {
        text.push_str(more);
    } else {
        pieces.push(Piece::Text(more.to_owned()));
    }
}
