//! Conditions over selections, in every form that Sigma has.

use fastrand::Rng;

use crate::event::Choice as _;

/// A condition, before it is written.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(String),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

/// Names of selections, some of which begin like a word of the language.
const NAMES: [&str; 14] = [
    "selection",
    "selection_image",
    "selection_cli",
    "sel-1",
    "and_more",
    "not_this",
    "or1",
    "of_interest",
    "them_all",
    "filter_main",
    "filter_optional_x",
    "all_users",
    "any1",
    "_hidden",
];

/// So many names, all different.
pub(crate) fn names(rng: &mut Rng, count: usize) -> Vec<String> {
    let mut names = NAMES.to_vec();
    rng.shuffle(&mut names);
    names.truncate(count);
    names.into_iter().map(str::to_owned).collect()
}

/// A condition over the names, and what it is an example of.
pub(crate) fn any(rng: &mut Rng, names: &[String]) -> (&'static str, String) {
    let joined = |word: &str| names.join(&format!(" {word} "));
    let visible = names.iter().any(|name| !name.starts_with('_'));
    match rng.u32(0..13) {
        0 => ("and", joined("and")),
        1 => ("or", joined("or")),
        2 if visible => ("1 of them", "1 of them".to_owned()),
        3 if visible => ("all of them", "all of them".to_owned()),
        4 => quantified(rng, names, "1", "1 of a pattern"),
        5 => quantified(rng, names, "all", "all of a pattern"),
        6 => quantified(rng, names, "any", "any of a pattern"),
        7 => ("not", format!("not {}", names[0])),
        8 if names.len() > 1 => ("and not", format!("{} and not {}", names[0], names[1])),
        9 if names.len() > 2 => ("and before or", format!("{} or {} and {}", names[0], names[1], names[2])),
        10 if names.len() > 1 => ("not before and", format!("not {} and {}", names[1], names[0])),
        _ => {
            let tree = tree(rng, names, 3);
            ("nested", write(rng, &tree, 0))
        }
    }
}

/// Whether a condition, or one of a list, looks at the selection.
pub(crate) fn mentions(condition: &serde_json::Value, name: &str) -> bool {
    if let Some(list) = condition.as_array() {
        return list.iter().any(|condition| mentions(condition, name));
    }
    let text = condition.as_str().unwrap_or_default();
    let words: Vec<&str> = text.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
    let fits = |pattern: &str| match pattern.split_once('*') {
        Some((start, end)) => name.starts_with(start) && name.ends_with(end),
        None if pattern == "them" => !name.starts_with('_'),
        None => pattern == name,
    };
    words.iter().any(|word| fits(word))
}

/// One condition, or a list of them.
pub(crate) fn any_or_list(rng: &mut Rng, names: &[String]) -> (&'static str, serde_json::Value) {
    if rng.u32(0..9) != 0 {
        let (label, condition) = any(rng, names);
        return (label, condition.into());
    }
    let conditions: Vec<String> = (0..rng.usize(1..4)).map(|_| any(rng, names).1).collect();
    ("list of conditions", conditions.into())
}

/// `of` a pattern of one `*`, which the peer knows: in front, at the end or between.
fn quantified(
    rng: &mut Rng,
    names: &[String],
    quantifier: &str,
    label: &'static str,
) -> (&'static str, String) {
    let name = &names[rng.usize(0..names.len())];
    let pattern = pattern(rng, name);
    let more =
        if rng.bool() { String::new() } else { format!(" {} {}", rng.one_of(["and", "or"]), names[0]) };
    (label, format!("{quantifier} of {pattern}{more}"))
}

fn pattern(rng: &mut Rng, name: &str) -> String {
    // Names are ASCII.
    let cut = rng.usize(1..name.len());
    match rng.u32(0..4) {
        // The peer takes `them*` for the word and a stray asterisk.
        0 if &name[..cut] != "them" => format!("{}*", &name[..cut]),
        1 => format!("*{}", &name[cut..]),
        2 if &name[..cut] != "them" => format!("{}*{}", &name[..cut], &name[cut..]),
        _ => name.to_owned(),
    }
}

fn tree(rng: &mut Rng, names: &[String], depth: usize) -> Tree {
    let leaf = |rng: &mut Rng| {
        let name = &names[rng.usize(0..names.len())];
        Tree::Leaf(match rng.u32(0..6) {
            0 => format!("1 of {}", pattern(rng, name)),
            1 => format!("all of {}", pattern(rng, name)),
            _ => name.clone(),
        })
    };
    if depth == 0 {
        return leaf(rng);
    }
    let branches = |rng: &mut Rng| (0..rng.usize(2..4)).map(|_| tree(rng, names, depth - 1)).collect();
    match rng.u32(0..7) {
        0 | 1 => Tree::All(branches(rng)),
        2..=4 => Tree::Any(branches(rng)),
        5 => Tree::Not(tree(rng, names, depth - 1).into()),
        _ => leaf(rng),
    }
}

/// With the brackets that it needs, and now and then some that it does not.
fn write(rng: &mut Rng, tree: &Tree, outer: u8) -> String {
    let (own, text) = match tree {
        Tree::Leaf(text) => (3, text.clone()),
        Tree::Not(inner) => (2, format!("not {}", write(rng, inner, 2))),
        Tree::All(parts) => (1, join(rng, parts, " and ", 1)),
        Tree::Any(parts) => (0, join(rng, parts, " or ", 0)),
    };
    if own < outer || rng.u32(0..8) == 0 { format!("({text})") } else { text }
}

fn join(rng: &mut Rng, parts: &[Tree], word: &str, own: u8) -> String {
    let parts: Vec<String> = parts.iter().map(|part| write(rng, part, own)).collect();
    parts.join(word)
}
