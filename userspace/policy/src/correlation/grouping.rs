use std::sync::Arc;

use rampart_model::Field;

use super::draft::{field, items};
use crate::{
    Fault, limit,
    reader::{Map, Reader, short},
    reference::Reference,
    rule,
    yaml::{Content, Entry},
};

/// What `group-by` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Group {
    /// A field of all events.
    Field(Field),
    /// Another name for fields that are called differently from rule to rule.
    Alias(Alias),
}

/// One of `aliases`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) name: Arc<str>,
    pub(crate) fields: Vec<(Reference, Field)>,
}

pub(super) fn read(reader: &mut Reader, correlation: Map<'_>) -> Option<Vec<Group>> {
    let aliases = read_aliases(reader, correlation);
    let nodes = correlation.get("group-by").map_or(&[][..], items);
    if nodes.len() > limit::KEYS {
        reader.note(correlation.place, too_many("the number of keys in `group-by`"));
        return None;
    }
    let mut groups = Vec::with_capacity(nodes.len());
    let mut names = Vec::with_capacity(nodes.len());
    for node in nodes {
        let Some(name) = reader.text(node, "`group-by`") else { continue };
        let alias = aliases.iter().flatten().find(|alias| *alias.name == *name);
        names.push(name);
        groups.push(match alias {
            Some(alias) => Some(Group::Alias(alias.clone())),
            // What is wrong with it is noted, and it is no field that is called so.
            None if entries(correlation).any(|entry| entry.key == name) => None,
            None => field(reader, node, "`group-by`").map(Group::Field),
        });
    }
    for entry in entries(correlation).filter(|entry| !names.contains(&entry.key.as_str())) {
        reader.note(entry.place, Fault::UnusedAlias(short(&entry.key)));
    }
    aliases?;
    groups.into_iter().collect()
}

fn entries(correlation: Map<'_>) -> impl Iterator<Item = &Entry> {
    let content = correlation.get("aliases").map(|node| &node.content);
    let entries = match content {
        Some(Content::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter()
}

fn read_aliases(reader: &mut Reader, correlation: Map<'_>) -> Option<Vec<Alias>> {
    let Some(node) = correlation.get("aliases") else { return Some(Vec::new()) };
    let map = reader.map(node, "`aliases`")?;
    if map.entries.len() > limit::KEYS {
        reader.note(node.place, too_many("the number of aliases"));
        return None;
    }
    let mut aliases = Vec::with_capacity(map.entries.len());
    for entry in map.entries {
        let what = format!("the alias `{}`", short(&entry.key));
        let Some(fields) = reader.map(&entry.value, &what) else { continue };
        if fields.entries.len() > limit::REFERENCES {
            let bound = limit::REFERENCES as u64;
            reader.note(entry.place, Fault::TooMuch { what: "the number of an alias's fields", bound });
            continue;
        }
        if fields.entries.is_empty() {
            reader.expected(&entry.value, &what, "the fields that it stands for, by rule");
            continue;
        }
        let mut read = Vec::with_capacity(fields.entries.len());
        for entry in fields.entries {
            let reference = Reference { place: entry.place, key: rule::key(&entry.key) };
            read.extend(field(reader, &entry.value, &what).map(|field| (reference, field)));
        }
        aliases.push(Alias { name: entry.key.as_str().into(), fields: read });
    }
    Some(aliases)
}

const fn too_many(what: &'static str) -> Fault {
    Fault::TooMuch { what, bound: limit::KEYS as u64 }
}
