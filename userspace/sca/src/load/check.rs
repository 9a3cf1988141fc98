use std::collections::HashMap;

use rampart_policy::{
    Mode, Place,
    yaml::{Content, Node, ScalarKind},
};

use super::{
    document::{self, Context},
    reader::{Map, Reader, short},
    rules,
};
use crate::{Check, Compliance, Effect, Fault, compliance, limit};

/// A policy's checks.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) checks: Vec<Check>,
    /// Also of those that are left out.
    pub(super) ids: Vec<(u32, Place)>,
}

const CHECK: &str = "the check";

const KEYS: &[&str] = &[
    "id",
    "title",
    "description",
    "rationale",
    "impact",
    "remediation",
    "references",
    "compliance",
    "condition",
    "rules",
    "regex_type",
];

pub(super) fn read_all(reader: &mut Reader, context: &mut Context<'_>, node: &Node) -> Checks {
    let mut checks = Checks::default();
    let items = match &node.content {
        Content::List(items) if !items.is_empty() => items,
        _ => {
            reader.refuse_expected(node, "checks", "a list of checks");
            return checks;
        }
    };
    if items.len() > limit::CHECKS {
        reader.refuse(node.place, Fault::TooMuch { what: "the number of checks", bound: limit::CHECKS });
        return checks;
    }
    let mut taken = HashMap::new();
    let mut reached = true;
    for item in items {
        let Some(map) = reader.map(item) else {
            reader.refuse_expected(item, "a check", "a map");
            continue;
        };
        let id = read_id(reader, map, &mut taken);
        let (check, aborts) = read(reader, context, map, id.map(|(id, _)| id));
        reached &= !aborts;
        checks.ids.extend(id);
        checks.checks.extend(check.filter(|_| reached));
    }
    checks
}

fn read_id(reader: &mut Reader, map: Map<'_>, taken: &mut HashMap<u32, Place>) -> Option<(u32, Place)> {
    let node = map.require(reader, CHECK, "id", Effect::PolicyLeftOut)?;
    let number = node.as_scalar().and_then(|scalar| match scalar.kind {
        // Wazuh keeps it in an int.
        ScalarKind::Integer(number) => i32::try_from(number).ok(),
        _ => None,
    });
    let Some(id) = number.and_then(|number| u32::try_from(number).ok()) else {
        reader.refuse_expected(node, "a check's id", "a number from 0 to 2147483647");
        return None;
    };
    if let Some(first) = taken.insert(id, node.place) {
        let first = format!("{}:{first}", reader.file());
        reader.refuse(node.place, Fault::DuplicateCheck { id, first });
        return None;
    }
    Some((id, node.place))
}

/// The check, if it is good, and whether Wazuh's scan would end at it.
fn read(
    reader: &mut Reader,
    context: &mut Context<'_>,
    map: Map<'_>,
    id: Option<u32>,
) -> (Option<Check>, bool) {
    if context.mode == Mode::Strict {
        map.only(reader, CHECK, KEYS);
    }
    let dialect = document::dialect(reader, map).unwrap_or(context.dialect);
    context.patterns.speak(dialect);
    let node = map.require(reader, CHECK, "rules", Effect::PolicyLeftOut);
    let rules = node.and_then(|node| rules::read(reader, context, node, Effect::RestLeftOut));
    let aborts = rules.is_none();
    (read_with(reader, context, map, id, rules), aborts)
}

fn read_with(
    reader: &mut Reader,
    context: &Context<'_>,
    map: Map<'_>,
    id: Option<u32>,
    rules: Option<Vec<crate::Rule>>,
) -> Option<Check> {
    let title = map.require_text(reader, CHECK, "title", Effect::CheckLeftOut);
    let condition = document::condition(reader, map, CHECK, Effect::CheckLeftOut);
    let description = map.text(reader, "description");
    let rationale = map.text(reader, "rationale");
    let remediation = map.text(reader, "remediation");
    let references = map.texts(reader, "references");
    let compliance = read_compliance(reader, context, map)?;
    Some(Check {
        id: id?,
        title: title?,
        description,
        rationale,
        remediation,
        references,
        compliance,
        condition: condition?,
        rules: rules?,
        place: map.place,
    })
}

/// None if the check is left out because of it.
fn read_compliance(reader: &mut Reader, context: &Context<'_>, map: Map<'_>) -> Option<Vec<Compliance>> {
    let Some(node) = map.get("compliance") else { return Some(Vec::new()) };
    let Content::List(items) = &node.content else {
        reader.warn_expected(node, "compliance", "a list of maps, such as `- cis_k8s: [\"4.2.1\"]`");
        return Some(Vec::new());
    };
    let (mut entries, mut known) = (Vec::with_capacity(items.len()), true);
    for item in items {
        let map = reader.map(item);
        let Some((map, first)) = map.and_then(|map| Some((map, map.entries.first()?))) else {
            reader.warn_expected(item, "an entry of compliance", "a map, such as `cis_k8s: [\"4.2.1\"]`");
            continue;
        };
        if map.entries.len() > 1 {
            reader.warn(map.place, Fault::ComplianceKeys(short(&first.key)));
        }
        let ids = reader.strings(&first.value, "ids");
        for (node, id) in ids.iter().filter(|_| context.mode == Mode::Strict) {
            if let Err(fault) = compliance::verify(&first.key, id, context.catalogue) {
                reader.note(node.place, fault, Effect::CheckLeftOut);
                known = false;
            }
        }
        let ids = ids.into_iter().map(|(_, id)| id).collect();
        entries.push(Compliance { key: first.key.as_str().into(), ids });
    }
    known.then_some(entries)
}
