//! Literals of regular expressions.

use rampart_policy::Anchor;
use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::{Literal, fold_character};

/// Most literals that stand for one expression; one with more alternatives has none.
const ALTERNATIVES: usize = 64;

/// Longest text that repetitions are written out to, in bytes.
const WRITTEN_OUT: usize = 64;

/// Literals one of which a text must have for the expression to match it; none where there is no such.
///
/// The library does not say with which flags the expression was built. They make no difference here: without regard to case
/// and to the meaning of `^`, `$` and `.`, whatever matches has the literals.
pub(in crate::engine) fn of_regex(regex: &Regex) -> Option<Vec<Literal>> {
    let hir = regex_syntax::parse(regex.as_str()).ok()?;
    let texts = match need(&hir) {
        Need::Text(text) => vec![text],
        Need::One(texts) => texts,
        Need::Nothing => return None,
    };
    // Beyond ASCII, folding by Unicode joins more letters than the index does.
    texts.iter().map(|text| Literal::new(ascii_run(text), Anchor::Anywhere)).collect()
}

/// What must stand in a text for a part of an expression to match.
enum Need {
    /// This text and nothing else.
    Text(String),
    /// One of these. Never empty.
    One(Vec<String>),
    /// It cannot be said.
    Nothing,
}

/// As deep as the expression, whose depth was bounded when it was loaded.
fn need(hir: &Hir) -> Need {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Need::Text(String::new()),
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).map_or(Need::Nothing, |text| Need::Text(text.to_owned()))
        }
        HirKind::Class(class) => one_letter(class).map_or(Need::Nothing, |c| Need::Text(c.into())),
        HirKind::Capture(capture) => need(&capture.sub),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Concat(parts) => in_a_row(parts),
        HirKind::Alternation(branches) => either(branches),
    }
}

/// `[Kk]` and its like, which is how the parser writes a letter whose case does not matter.
fn one_letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let ranges = class.ranges();
    let few = ranges.len() <= 4 && ranges.iter().all(|range| range.len() <= 2);
    let mut letters =
        few.then(|| ranges.iter().flat_map(|range| range.start()..=range.end()).map(fold_character))?;
    let first = letters.next()?;
    letters.all(|letter| letter == first).then_some(first)
}

fn repeated(repetition: &Repetition) -> Need {
    let times = usize::try_from(repetition.min).unwrap_or(usize::MAX);
    if times == 0 {
        return Need::Nothing;
    }
    match need(&repetition.sub) {
        Need::Text(text)
            if repetition.max == Some(repetition.min) && text.len().saturating_mul(times) <= WRITTEN_OUT =>
        {
            Need::Text(text.repeat(times))
        }
        Need::Text(text) => one(vec![text]),
        other => other,
    }
}

fn in_a_row(parts: &[Hir]) -> Need {
    let mut run = String::new();
    let mut best: Option<Vec<String>> = None;
    let mut is_whole = true;
    let mut consider = |texts: Vec<String>| {
        if weight(&texts) > best.as_deref().map_or(0, weight) {
            best = Some(texts);
        }
    };
    for part in parts {
        match need(part) {
            Need::Text(text) => {
                run.push_str(&text);
                continue;
            }
            Need::One(texts) => consider(texts),
            Need::Nothing => {}
        }
        is_whole = false;
        consider(vec![std::mem::take(&mut run)]);
    }
    if is_whole {
        return Need::Text(run);
    }
    consider(vec![run]);
    best.map_or(Need::Nothing, one)
}

fn either(branches: &[Hir]) -> Need {
    let mut all = Vec::new();
    for branch in branches {
        match need(branch) {
            Need::Text(text) => all.push(text),
            Need::One(texts) => all.extend(texts),
            Need::Nothing => return Need::Nothing,
        }
        if all.len() > ALTERNATIVES {
            return Need::Nothing;
        }
    }
    one(all)
}

fn one(texts: Vec<String>) -> Need {
    if weight(&texts) == 0 { Need::Nothing } else { Need::One(texts) }
}

/// A list is as good as its shortest text.
fn weight(texts: &[String]) -> usize {
    texts.iter().map(|text| ascii_run(text).len()).min().unwrap_or(0)
}

/// The longest piece of ASCII.
fn ascii_run(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii()).max_by_key(|piece| piece.len()).unwrap_or_default()
}
