use std::{collections::HashSet, sync::Arc};

use rampart_model::Field;

use super::{
    Correlation, GroupKey,
    draft::Draft,
    grouping::{Alias, Group},
    test,
};
use crate::{
    Fault,
    index::{Index, Known},
    limit,
    reader::{Reader, short},
    rule::{DEFAULT_LEVEL, scenario},
};

/// Looks up what a correlation refers to, and reads what depends on it. None where something is not there.
pub(crate) fn resolve(reader: &mut Reader, index: &Index, draft: Draft) -> Option<(Correlation, Known)> {
    let found: Vec<_> = draft.references.iter().map(|reference| index.find(reader, reference)).collect();
    // Only then are all told.
    let found: Vec<&Known> = found.into_iter().collect::<Option<_>>()?;
    let mut named = HashSet::new();
    for (known, reference) in found.iter().zip(&draft.references) {
        if !named.insert(&known.id) {
            reader.note(reference.place, Fault::RepeatedRule(short(&reference.key)));
        }
    }
    let depth = 1 + found.iter().map(|known| known.depth).max().unwrap_or(0);
    if depth > limit::CORRELATION_DEPTH {
        let bound = limit::CORRELATION_DEPTH as u64;
        let what = "how many correlations stand on one another";
        reader.note(draft.origin.place, Fault::TooMuch { what, bound });
        return None;
    }
    let category = found.iter().find_map(|known| known.category);
    let tests = test::read(reader, &draft, category);
    let scenario = scenario(reader, draft.tests.as_ref());
    let keys: Vec<_> = draft.groups.iter().map(|group| group_key(reader, index, group, &found)).collect();
    let highest = found.iter().map(|known| known.severity).max().unwrap_or(DEFAULT_LEVEL);
    let severity = draft.head.severity.unwrap_or(highest);
    let known = Known { id: Arc::clone(&draft.head.id), severity, category, depth };
    let correlation = Correlation {
        reference: draft.head.reference(severity),
        name: draft.head.name,
        silent: draft.silent,
        status: draft.head.metadata.status,
        rules: found.iter().map(|known| Arc::clone(&known.id)).collect(),
        kind: draft.kind,
        group_by: keys.into_iter().collect::<Option<_>>()?,
        timespan: draft.timespan,
        false_positives: draft.head.metadata.false_positives,
        tests,
        scenario,
        origin: draft.origin,
    };
    Some((correlation, known))
}

fn group_key(reader: &mut Reader, index: &Index, group: &Group, rules: &[&Known]) -> Option<GroupKey> {
    match group {
        Group::Field(field) => {
            Some(GroupKey { name: field.name().into(), fields: vec![Some(*field); rules.len()] })
        }
        Group::Alias(alias) => Some(GroupKey {
            name: Arc::clone(&alias.name),
            fields: alias_fields(reader, index, alias, rules)?,
        }),
    }
}

/// An alias may call a rule by its name where `rules` has its id, and the other way round.
fn alias_fields(
    reader: &mut Reader,
    index: &Index,
    alias: &Alias,
    rules: &[&Known],
) -> Option<Vec<Option<Field>>> {
    let mut fields = vec![None; rules.len()];
    let mut good = true;
    for (reference, field) in &alias.fields {
        let known = index.known(&reference.key);
        let number = known.and_then(|known| rules.iter().position(|rule| rule.id == known.id));
        match number.and_then(|number| fields.get_mut(number)) {
            Some(slot @ None) => *slot = Some(*field),
            Some(Some(_)) => {
                reader.note(reference.place, Fault::RepeatedRule(short(&reference.key)));
                good = false;
            }
            None => {
                reader.note(reference.place, Fault::ForeignRule(short(&reference.key)));
                good = false;
            }
        }
    }
    good.then_some(fields)
}
