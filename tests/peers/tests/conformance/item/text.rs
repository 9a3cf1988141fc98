//! Tests of text.

use fastrand::Rng;
use serde_json::{Value as Json, json};

use super::Item;
use crate::{
    event::{ALWAYS, Choice as _, Event, LINES, TEXTS},
    pattern::{self, Piece},
    word,
};

/// Where a part may stand: modifier, and where it is cut from.
#[derive(Clone, Copy)]
enum At {
    Anywhere,
    Start,
    End,
}

const PLACES: [At; 3] = [At::Anywhere, At::Start, At::End];

impl At {
    const fn modifier(self) -> &'static str {
        match self {
            Self::Anywhere => "|contains",
            Self::Start => "|startswith",
            Self::End => "|endswith",
        }
    }

    fn cut(self, rng: &mut Rng, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let length = rng.usize(1..=characters.len());
        match self {
            Self::Anywhere => word::piece(rng, text, 1),
            Self::Start => characters[..length].iter().collect(),
            Self::End => characters[characters.len() - length..].iter().collect(),
        }
    }
}

/// A text field that is there, and what a value is made from: mostly its text, sometimes one that is a little other.
fn source(rng: &mut Rng, event: &Event) -> Option<(&'static str, String)> {
    let field = rng.one_of(TEXTS);
    Some((field, slightly_other(rng, event.get(field)?.as_str()?)?))
}

fn slightly_other(rng: &mut Rng, text: &str) -> Option<String> {
    let text = if rng.u32(0..7) == 0 { word::other(rng, text) } else { text.to_owned() };
    (!text.is_empty()).then_some(text)
}

/// The value in other cases, or as it is and `|cased`.
fn case(rng: &mut Rng, text: &str) -> (&'static str, String) {
    if rng.u32(0..4) == 0 { ("|cased", text.to_owned()) } else { ("", word::recase(rng, text)) }
}

/// Text that has nothing to do with the event.
fn decoy(rng: &mut Rng) -> String {
    let text = word::command_line(rng);
    pattern::literal(rng, &text)
}

/// The values and some decoys, in any order.
fn among_decoys(rng: &mut Rng, mut values: Vec<String>) -> Json {
    for _ in 0..rng.usize(1..4) {
        values.push(decoy(rng));
    }
    rng.shuffle(&mut values);
    json!(values)
}

pub(super) fn whole(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let (cased, text) = case(rng, &text);
    let label = if cased.is_empty() { "equal" } else { "equal, cased" };
    Some(Item::new(label, field, cased, pattern::literal(rng, &text)))
}

pub(super) fn list(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let (cased, text) = case(rng, &text);
    let value = pattern::literal(rng, &text);
    Some(Item::new("equal, list", field, cased, among_decoys(rng, vec![value])))
}

pub(super) fn wildcards(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let cased = rng.u32(0..4) == 0;
    let pieces = pattern::with_wildcards(rng, &text, cased);
    Some(Item::new("wildcards", field, if cased { "|cased" } else { "" }, pattern::write(rng, &pieces)))
}

pub(super) fn part(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let at = rng.one_of(PLACES);
    let text = at.cut(rng, &text);
    let (cased, text) = case(rng, &text);
    let value = pattern::literal(rng, &text);
    let label = match (at, cased) {
        (At::Anywhere, "") => "contains",
        (At::Start, "") => "startswith",
        (At::End, "") => "endswith",
        _ => "part, cased",
    };
    Some(Item::new(label, field, &format!("{}{cased}", at.modifier()), value))
}

pub(super) fn part_list(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let at = rng.one_of(PLACES);
    let text = at.cut(rng, &text);
    let (cased, text) = case(rng, &text);
    let value = pattern::literal(rng, &text);
    let value = among_decoys(rng, vec![value]);
    Some(Item::new("part, list", field, &format!("{}{cased}", at.modifier()), value))
}

/// `contains` only: the peer forgets which end is open when there is a wildcard.
pub(super) fn part_wildcards(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let text = word::piece(rng, &text, 2);
    let cased = rng.u32(0..4) == 0;
    let pieces = pattern::with_wildcards(rng, &text, cased);
    let modifiers = if cased { "|contains|cased" } else { "|contains" };
    Some(Item::new("contains, wildcards", field, modifiers, pattern::write(rng, &pieces)))
}

pub(super) fn all_parts(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let mut values = Vec::new();
    for _ in 0..rng.usize(2..5) {
        let piece = word::piece(rng, &text, 1);
        let piece = word::recase(rng, &piece);
        values.push(pattern::literal(rng, &piece));
    }
    Some(Item::new("contains, all", field, "|contains|all", values))
}

pub(super) fn all_expressions(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let values: Vec<String> = (0..2).map(|_| write_expression(rng, &text)).collect();
    Some(Item::new("re, all", field, "|re|all", values))
}

pub(super) fn expression(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let value = write_expression(rng, &text);
    if rng.u32(0..3) == 0 {
        // An escape or a class in other cases is another one.
        let recased = if value.contains(['\\', '[']) { value } else { word::recase(rng, &value) };
        return Some(Item::new("re, i", field, "|re|i", recased));
    }
    Some(Item::new("re", field, "|re", value))
}

pub(super) fn expression_list(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let (field, text) = source(rng, event)?;
    let values = vec![write_expression(rng, &text), regex::escape(&word::command_line(rng))];
    Some(Item::new("re, list", field, "|re", values))
}

/// With `m` and `s`, on the one field that has line ends.
pub(super) fn expression_of_lines(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let text = event.get(LINES)?.as_str()?.to_owned();
    let lines: Vec<&str> = text.lines().collect();
    let line = lines[rng.usize(0..lines.len())];
    let first = regex::escape(&word::piece(rng, lines[0], 2));
    let last = regex::escape(&word::piece(rng, line, 2));
    let (label, modifiers, value) = match rng.u32(0..5) {
        0 => ("re, m", "|re|m", format!("^{}$", regex::escape(line))),
        1 => ("re, without m", "|re", format!("^{}$", regex::escape(line))),
        2 => ("re, s", "|re|s", format!("{first}.*{last}")),
        3 => ("re, without s", "|re", format!("{first}.*{last}")),
        _ => ("re, i m s", "|re|i|m|s", format!("^.*{last}")),
    };
    Some(Item::new(label, LINES, modifiers, value))
}

/// An expression that a piece of the text fits, in the part of the language that the specification has.
fn write_expression(rng: &mut Rng, text: &str) -> String {
    let whole = rng.u32(0..4) == 0;
    let piece = if whole { text.to_owned() } else { word::piece(rng, text, 2) };
    let mut expression = String::new();
    let mut rest: Vec<char> = piece.chars().collect();
    while !rest.is_empty() {
        let length = rng.usize(1..=rest.len().min(6));
        let taken: String = rest.drain(..length).collect();
        let escaped = regex::escape(&taken);
        let part = match rng.u32(0..9) {
            0 => ".".repeat(length),
            1 => ".*".to_owned(),
            2 => ".+".to_owned(),
            3 => format!(".{{{length},{}}}", length + 2),
            4 => format!("({escaped}|other)"),
            5 => format!("({escaped})+x?"),
            6 if length == 1 && taken.chars().all(|letter| letter.is_ascii_lowercase()) => "[a-z]".to_owned(),
            7 if length == 1 && !taken.contains(['!', '#']) => "[^!-#]".to_owned(),
            _ => escaped,
        };
        expression += &part;
    }
    if whole { format!("^{expression}$") } else { expression }
}

/// One value, of a field that is always there: what `neq` means of more, and of none, is open.
pub(super) fn different(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let field = rng.one_of(ALWAYS);
    let text = event.get(field)?.as_str()?.to_owned();
    let text = if rng.bool() { text } else { word::other(rng, &text) };
    let (cased, text) = case(rng, &text);
    Some(Item::new("neq", field, &format!("|neq{cased}"), pattern::literal(rng, &text)))
}

pub(super) fn different_part(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let field = rng.one_of(ALWAYS);
    let text = event.get(field)?.as_str()?.to_owned();
    let (at, text) = (rng.one_of(PLACES), if rng.u32(0..4) == 0 { text } else { word::path(rng) });
    let text = at.cut(rng, &text);
    Some(Item::new("neq, part", field, &format!("{}|neq", at.modifier()), pattern::literal(rng, &text)))
}

pub(super) fn empty(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let field = rng.one_of(["CurrentDirectory", "process.name", "container.id"]);
    if rng.u32(0..4) != 0 {
        event.insert(field.to_owned(), json!(""));
    }
    Some(Item::new("empty", field, "", ""))
}

/// A number as a value for text.
pub(super) fn number(rng: &mut Rng, event: &mut Event) -> Option<Item> {
    let number = rng.u32(10..10_000);
    event.insert("User".to_owned(), json!(number.to_string()));
    let number = number + u32::from(rng.u32(0..4) == 0);
    let value = if rng.bool() { json!(number) } else { json!([number, number + 1]) };
    Some(Item::new("number for text", "User", "", value))
}

/// Words of the event without their field, and decoys.
pub(crate) fn keywords(rng: &mut Rng, event: &Event) -> Option<Vec<String>> {
    let (_, text) = source(rng, event)?;
    let keyword = word::piece(rng, &text, 4);
    // The peer also looks into what both sides are told of the event beside its fields.
    let elsewhere = ["process_creation", "network_connection", "file_event"];
    let lower = keyword.to_lowercase();
    let plain = lower.chars().all(|letter| letter.is_ascii_digit() || ".:-tz".contains(letter));
    if lower.chars().count() < 4 || plain || elsewhere.iter().any(|text| text.contains(&lower)) {
        return None;
    }
    let keyword = word::recase(rng, &keyword);
    let mut values = vec![pattern::write(rng, &[Piece::Text(keyword)])];
    for _ in 0..rng.usize(1..3) {
        values.push(decoy(rng));
    }
    rng.shuffle(&mut values);
    Some(values)
}
