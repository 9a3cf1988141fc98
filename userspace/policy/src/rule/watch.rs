//! Which files a rule can match at all, so that the kernel need not tell of others.
//!
//! Case: rules compare without it by default, file systems do not. The kernel compares names as they are written.

use rampart_model::{Category, Field, WatchEntry, WatchPattern};

use super::Rule;
use crate::{Condition, FieldTest, Part, Pattern, Predicate, Quantifier, Selection, Subject};

/// The files of a rule; none where it does not look at files.
pub(crate) fn of(rule: &Rule) -> Vec<WatchEntry> {
    let detection = &rule.detection;
    let (read, modify, create) = match rule.category {
        Category::FileAccess => (true, false, false),
        Category::FileEvent if asks_for(&detection.condition, &detection.selections, is_making) => {
            (false, false, true)
        }
        Category::FileEvent | Category::FileRename | Category::FileDelete | Category::FileChange => {
            (false, true, false)
        }
        // Sockets in the file system, when they are connected to.
        Category::NetworkSocket => (true, true, false),
        _ => return Vec::new(),
    };
    let files = by_condition(&detection.condition, &detection.selections);
    // A rule on sockets that says nothing of a path may mean others than those with one: then no path is asked for.
    let fallback = if rule.category != Category::NetworkSocket || names_path(&detection.selections) {
        vec![WatchPattern::Below("/".into())]
    } else {
        Vec::new()
    };
    let entry = |what| WatchEntry { what, read, modify, create };
    files.unwrap_or(fallback).into_iter().map(entry).collect()
}

/// Whether an event must pass one of some tests to match, whichever way it does.
fn asks_for(condition: &Condition, selections: &[Selection], test: fn(&FieldTest) -> bool) -> bool {
    let by = |part: &Condition| asks_for(part, selections, test);
    match condition {
        Condition::Selection(number) => selections.get(*number).is_some_and(|selection| {
            // Nothing to choose from never matches.
            selection.alternatives.iter().all(|tests| tests.iter().any(test))
        }),
        Condition::All(parts) => parts.iter().any(by),
        Condition::Any(parts) => parts.iter().all(by),
        Condition::Not(_) => false,
    }
}

/// Whether a test holds only where a file was made.
fn is_making(test: &FieldTest) -> bool {
    test.subject == Subject::Field(Field::FileCreated)
        && !test.negated
        && test.predicates.iter().all(|predicate| matches!(predicate, Predicate::Bool(true)))
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
    let by: fn(&Predicate) -> Files = match test.subject {
        Subject::Field(Field::TargetFilename | Field::FileTarget | Field::SocketPath) => by_predicate,
        Subject::Field(Field::FileSetuid) => by_mode,
        _ => return None,
    };
    if test.negated {
        return None;
    }
    let files = test.predicates.iter().map(by);
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

/// Modes with the bit are rare: the kernel tells of them whatever the path.
fn by_mode(predicate: &Predicate) -> Files {
    matches!(predicate, Predicate::Bool(true)).then(|| vec![WatchPattern::SetUid])
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

/// The whole tree is more than any list; changes below a folder are more than modes that hardly anybody sets.
fn weight(pattern: &WatchPattern) -> usize {
    match pattern {
        WatchPattern::SetUid => 0,
        WatchPattern::Below(path) if &**path == "/" => usize::from(u16::MAX),
        _ => 1,
    }
}
