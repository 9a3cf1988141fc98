use std::collections::BTreeMap;

use rampart_model::Technique;
use serde_json::{Value as Json, json};

use super::{
    entry::{Entry, briefs, titles},
    table::Table,
};

/// A technique, and the rules that answer it.
pub(super) struct Answered<'e> {
    pub(super) technique: &'e Technique,
    pub(super) rules: Vec<&'e Entry<'e>>,
}

/// By the techniques' ids.
pub(super) fn answered<'e>(entries: &[&'e Entry<'e>]) -> Vec<Answered<'e>> {
    let mut by_id: BTreeMap<&str, Answered<'e>> = BTreeMap::new();
    for entry in entries {
        for technique in &*entry.reference.techniques {
            let answered =
                by_id.entry(&technique.id).or_insert_with(|| Answered { technique, rules: Vec::new() });
            answered.rules.push(entry);
        }
    }
    by_id.into_values().collect()
}

pub(super) fn table(entries: &[&Entry<'_>]) -> Table<5> {
    let mut table = Table::new(["ID", "NAME", "TACTICS", "RULES", "TITLES"]);
    for Answered { technique, rules } in answered(entries) {
        let tactics: Vec<_> = technique.tactics.iter().map(|tactic| &*tactic.name).collect();
        table.push([
            technique.id.to_string(),
            technique.name.to_string(),
            tactics.join(", "),
            rules.len().to_string(),
            titles(&rules),
        ]);
    }
    table
}

pub(super) fn json(entries: &[&Entry<'_>]) -> Json {
    let describe = |Answered { technique, rules }: Answered<'_>| {
        json!({
            "id": technique.id,
            "name": technique.name,
            "tactics": technique.tactics,
            "rules": briefs(&rules),
        })
    };
    answered(entries).into_iter().map(describe).collect()
}
