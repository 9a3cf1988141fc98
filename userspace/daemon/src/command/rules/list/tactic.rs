use std::collections::{BTreeMap, BTreeSet};

use rampart_model::Tactic;
use rampart_policy::Catalogue;
use serde_json::{Value as Json, json};

use super::{
    entry::{Entry, briefs, titles},
    table::Table,
};

/// A tactic, and what of it is answered.
struct Coverage<'e> {
    tactic: &'e Tactic,
    /// Ids of its techniques that a rule answers.
    techniques: Vec<&'e str>,
    /// How many techniques it has in the catalogue.
    of: usize,
    rules: Vec<&'e Entry<'e>>,
}

/// By the tactics' ids; those that nothing answers as well.
fn coverage<'e>(catalogue: &'e Catalogue, entries: &[&'e Entry<'e>]) -> Vec<Coverage<'e>> {
    let answered: BTreeSet<_> = entries.iter().flat_map(|entry| entry.techniques()).collect();
    let mut by_id: BTreeMap<&str, Coverage<'e>> = BTreeMap::new();
    for technique in catalogue.techniques().map(|entry| &entry.technique) {
        for tactic in &technique.tactics {
            let nothing = || Coverage { tactic, techniques: Vec::new(), of: 0, rules: Vec::new() };
            let coverage = by_id.entry(&tactic.id).or_insert_with(nothing);
            coverage.of += 1;
            coverage.techniques.extend(answered.get(&*technique.id));
        }
    }
    for coverage in by_id.values_mut() {
        let techniques = &coverage.techniques;
        let answers = |entry: &&&Entry<'_>| entry.techniques().iter().any(|id| techniques.contains(id));
        coverage.rules = entries.iter().filter(answers).copied().collect();
    }
    by_id.into_values().collect()
}

pub(super) fn table(catalogue: &Catalogue, entries: &[&Entry<'_>]) -> Table<5> {
    let mut table = Table::new(["ID", "NAME", "TECHNIQUES", "RULES", "TITLES"]);
    for Coverage { tactic, techniques, of, rules } in coverage(catalogue, entries) {
        table.push([
            tactic.id.to_string(),
            tactic.name.to_string(),
            format!("{} of {of}", techniques.len()),
            rules.len().to_string(),
            titles(&rules),
        ]);
    }
    table
}

pub(super) fn json(catalogue: &Catalogue, entries: &[&Entry<'_>]) -> Json {
    let describe = |Coverage { tactic, techniques, of, rules }: Coverage<'_>| {
        json!({
            "id": tactic.id,
            "name": tactic.name,
            "techniques": techniques,
            "of": of,
            "rules": briefs(&rules),
        })
    };
    coverage(catalogue, entries).into_iter().map(describe).collect()
}
