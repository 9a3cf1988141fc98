use std::sync::Arc;

use super::predicate::FieldTest;
use crate::{
    Fault,
    reader::Reader,
    yaml::{Content, Node},
};

/// A named part of a detection: it holds when every test of one of its alternatives holds.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Its name in the rule.
    pub name: Arc<str>,
    /// A map gives one alternative, a list of maps one for each map. Never empty, nor is any of them.
    pub alternatives: Vec<Vec<FieldTest>>,
}

impl Selection {
    pub(super) fn read(reader: &mut Reader, name: &str, node: &Node) -> Option<Self> {
        let alternatives = match &node.content {
            Content::List(items) if !items.is_empty() => {
                // Every one is read before any is missed, so that all faults are told.
                let read: Vec<_> = items.iter().map(|item| read_alternative(reader, name, item)).collect();
                read.into_iter().collect::<Option<_>>()?
            }
            _ => vec![read_alternative(reader, name, node)?],
        };
        Some(Self { name: name.into(), alternatives })
    }
}

fn read_alternative(reader: &mut Reader, name: &str, node: &Node) -> Option<Vec<FieldTest>> {
    match &node.content {
        Content::Map(entries) if !entries.is_empty() => {
            let tests: Vec<_> = entries.iter().map(|entry| FieldTest::read(reader, entry)).collect();
            tests.into_iter().collect()
        }
        Content::Scalar(scalar) if !scalar.text.is_empty() => {
            let what = format!("a value without a field, in the selection `{name}`,");
            reader.note(
                node.place,
                Fault::Unsupported { what, instead: "say which field has it: `Field: value`" },
            );
            None
        }
        _ => {
            reader.expected(
                node,
                &format!("the selection `{name}`"),
                "a map of fields, or a list of such maps",
            );
            None
        }
    }
}
