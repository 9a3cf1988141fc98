//! Which files a rule can match at all, so that the kernel need not tell of others.
//!
//! Case: rules compare without it by default, file systems do not. The kernel compares names as they are written.

use rampart_model::{Category, Field, WatchEntry, WatchPattern};

use super::Rule;
use crate::{Condition, FieldTest, Part, Pattern, Predicate, Quantifier, Selection, Subject};

/// The files of a rule; none where it does not look at files.
pub(crate) fn of(rule: &Rule) -> Vec<WatchEntry> {
    let (read, modify) = match rule.category {
        Category::FileAccess => (true, false),
        Category::FileEvent | Category::FileRename | Category::FileDelete | Category::FileChange => {
            (false, true)
        }
        // Sockets in the file system, when they are connected to.
        Category::NetworkSocket => (true, true),
        _ => return Vec::new(),
    };
    let detection = &rule.detection;
    let files = by_condition(&detection.condition, &detection.selections);
    // A rule on sockets that says nothing of a path may mean others than those with one: then no path is asked for.
    let fallback = if rule.category != Category::NetworkSocket || names_path(&detection.selections) {
        vec![WatchPattern::Below("/".into())]
    } else {
        Vec::new()
    };
    files.unwrap_or(fallback).into_iter().map(|what| WatchEntry { what, read, modify }).collect()
}

fn names_path(selections: &[Selection]) -> bool {
    let mut tests = selections.iter().flat_map(|selection| &selection.alternatives).flatten();
    tests.any(|test| test.subject == Subject::Field(Field::SocketPath))
}

/// Files one of which an event must name; none when it may be any.
type Files = Option<Vec<WatchPattern>>;

fn by_condition(condition: &Condition, selections: &[Selection]) -> Files {
    match condition {
        Condition::Selection(number) => by_selection(selections.get(*number)?),
        Condition::All(parts) => fewest(parts.iter().map(|part| by_condition(part, selections))),
        Condition::Any(parts) => all_of(parts.iter().map(|part| by_condition(part, selections))),
        Condition::Not(_) => None,
    }
}

fn by_selection(selection: &Selection) -> Files {
    all_of(selection.alternatives.iter().map(|tests| fewest(tests.iter().map(by_test))))
}

fn by_test(test: &FieldTest) -> Files {
    let Subject::Field(Field::TargetFilename | Field::FileTarget | Field::SocketPath) = test.subject else {
        return None;
    };
    if test.negated {
        return None;
    }
    let files = test.predicates.iter().map(by_predicate);
    match test.quantifier {
        Quantifier::Any => all_of(files),
        Quantifier::All => fewest(files),
    }
}

fn by_predicate(predicate: &Predicate) -> Files {
    match predicate {
        Predicate::Text { pattern, .. } => by_pattern(pattern).map(|pattern| vec![pattern]),
        _ => None,
    }
}

/// A path that begins with a text is below the last folder that the text names in full; one that ends with a text has
/// the name behind its last slash.
fn by_pattern(pattern: &Pattern) -> Option<WatchPattern> {
    match pattern.parts() {
        [Part::Text(path)] if path.starts_with('/') => Some(WatchPattern::Below(path.clone())),
        [.., Part::Text(end)] if end.contains('/') && !starts_below_root(pattern) => {
            let name = end.rsplit('/').next().filter(|name| !name.is_empty())?;
            Some(WatchPattern::Named(name.into()))
        }
        [Part::Text(begin), ..] => {
            let (folder, _) = begin.rsplit_once('/')?;
            begin
                .starts_with('/')
                .then(|| WatchPattern::Below(if folder.is_empty() { "/" } else { folder }.into()))
        }
        _ => None,
    }
}

fn starts_below_root(pattern: &Pattern) -> bool {
    matches!(pattern.parts(), [Part::Text(begin), ..] if begin.starts_with('/'))
}

/// Every one must hold: the one that names the fewest is enough.
fn fewest(parts: impl Iterator<Item = Files>) -> Files {
    parts.flatten().min_by_key(|files| files.iter().map(weight).sum::<usize>())
}

/// Any may hold: all that they name, or any at all where one of them does not say.
fn all_of(parts: impl Iterator<Item = Files>) -> Files {
    parts.collect::<Option<Vec<_>>>().map(|files| files.into_iter().flatten().collect())
}

/// The whole tree is more than any list.
fn weight(pattern: &WatchPattern) -> usize {
    match pattern {
        WatchPattern::Below(path) if &**path == "/" => usize::from(u16::MAX),
        _ => 1,
    }
}
