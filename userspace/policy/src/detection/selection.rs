use std::sync::Arc;

use super::predicate::FieldTest;
use crate::{
    reader::Reader,
    yaml::{Content, Node},
};

/// A named part of a detection: it holds when every test of one of its alternatives holds.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Its name in the rule.
    pub name: Arc<str>,
    /// A map gives one alternative, a list one for each of its maps, and one for all its keywords together. Never empty,
    /// nor is any of them.
    pub alternatives: Vec<Vec<FieldTest>>,
}

impl Selection {
    pub(super) fn read(reader: &mut Reader, name: &str, node: &Node) -> Option<Self> {
        let items = match &node.content {
            Content::List(items) if !items.is_empty() => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let (keywords, maps): (Vec<_>, Vec<_>) = items.iter().partition(|item| is_keyword(item));
        // Every one is read before any is missed, so that all faults are told.
        let keywords = (!keywords.is_empty()).then(|| FieldTest::keywords(reader, keywords));
        let maps = maps.into_iter().map(|item| read_map(reader, name, item));
        let alternatives: Vec<_> = maps.chain(keywords).collect();
        Some(Self { name: name.into(), alternatives: alternatives.into_iter().collect::<Option<_>>()? })
    }
}

fn is_keyword(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| !scalar.text.is_empty())
}

fn read_map(reader: &mut Reader, name: &str, node: &Node) -> Option<Vec<FieldTest>> {
    match &node.content {
        Content::Map(entries) if !entries.is_empty() => {
            let tests: Vec<_> = entries.iter().map(|entry| FieldTest::read(reader, entry)).collect();
            Some(tests.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        }
        _ => {
            let what = format!("the selection `{name}`");
            reader.expected(node, &what, "a map of fields, a text, or a list of them");
            None
        }
    }
}
