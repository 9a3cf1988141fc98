//! What a rule looks for: named selections of field tests, and a condition over them.

mod condition;
mod modifier;
mod predicate;
mod selection;
mod token;
mod wildcard;

pub use self::{
    condition::{Condition, ConditionError, ConditionErrorKind},
    modifier::Modifier,
    predicate::{Anchor, Case, Comparison, FieldTest, Network, Predicate, Quantifier, Subject, TimePart},
    selection::Selection,
    wildcard::{Part, Pattern},
};
use crate::{
    Fault, limit,
    reader::Reader,
    yaml::{Content, Node},
};

/// What a rule looks for.
#[derive(Debug, Clone)]
pub struct Detection {
    /// The selections that [`Condition::Selection`] numbers.
    pub selections: Vec<Selection>,
    /// When the rule fires.
    pub condition: Condition,
}

impl Detection {
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let map = reader.map(node, "`detection`")?;
        let entries = map.entries.iter().filter(|entry| entry.key != "condition");
        let entries: Vec<_> = entries.take(limit::SELECTIONS + 1).collect();
        if entries.len() > limit::SELECTIONS {
            let bound = limit::SELECTIONS as u64;
            reader.note(node.place, Fault::TooMuch { what: "the number of selections", bound });
            return None;
        }
        // A faulty selection keeps its number, so that the condition is judged by what is written.
        let selections: Vec<_> =
            entries.iter().map(|entry| Selection::read(reader, &entry.key, &entry.value)).collect();
        let names: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let node = map.require(reader, "`detection`", "condition")?;
        let condition = read_conditions(reader, node, &names)?;
        for (number, entry) in entries.iter().enumerate() {
            if !condition.mentions(number) {
                reader.note(entry.place, Fault::UnusedSelection(entry.key.clone()));
            }
        }
        Some(Self { selections: selections.into_iter().collect::<Option<_>>()?, condition })
    }
}

/// One condition, or a list of them, of which any may hold.
fn read_conditions(reader: &mut Reader, node: &Node, names: &[&str]) -> Option<Condition> {
    let Content::List(items) = &node.content else { return read_condition(reader, node, names) };
    let bytes = |item: &Node| item.as_scalar().map_or(1, |scalar| scalar.text.len());
    if items.iter().map(bytes).sum::<usize>() > limit::CONDITION_BYTES {
        let bound = limit::CONDITION_BYTES as u64;
        reader.note(node.place, Fault::TooMuch { what: "the length of all conditions", bound });
        return None;
    }
    if items.is_empty() {
        reader.expected(node, "`condition`", "a condition, or a list of conditions");
        return None;
    }
    let conditions: Vec<_> = items.iter().map(|item| read_condition(reader, item, names)).collect();
    Some(Condition::any_of(conditions.into_iter().collect::<Option<_>>()?))
}

fn read_condition(reader: &mut Reader, node: &Node, names: &[&str]) -> Option<Condition> {
    let Some(scalar) = node.as_scalar() else {
        reader.expected(node, "`condition`", "a condition, or a list of conditions");
        return None;
    };
    match Condition::parse(&scalar.text, names) {
        Ok(condition) => Some(condition),
        Err(error) => {
            reader.note(scalar.place_of(error.at).unwrap_or(node.place), error);
            None
        }
    }
}
