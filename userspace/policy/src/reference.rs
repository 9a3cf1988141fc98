//! How correlations and exceptions name the rules that they are about.

use std::{collections::HashSet, sync::Arc};

use crate::{
    Fault, Place, limit,
    reader::{Reader, short},
    rule,
    yaml::{Content, Node},
};

/// The id or name of another document, as it is written somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    pub(crate) key: Arc<str>,
}

/// Reads a list of references, or a single one.
pub(crate) fn read(reader: &mut Reader, node: &Node) -> Vec<Reference> {
    let expected = "a list of ids or names of rules";
    let items = match &node.content {
        Content::List(items) if !items.is_empty() => items.as_slice(),
        Content::Scalar(_) => std::slice::from_ref(node),
        Content::List(_) | Content::Map(_) => {
            reader.expected(node, "`rules`", expected);
            return Vec::new();
        }
    };
    if items.len() > limit::REFERENCES {
        let bound = limit::REFERENCES as u64;
        reader.note(node.place, Fault::TooMuch { what: "the number of rules that are referred to", bound });
        return Vec::new();
    }
    let (mut references, mut named) = (Vec::with_capacity(items.len()), HashSet::new());
    for item in items {
        let Some(text) = reader.text(item, "`rules`") else { continue };
        let key = rule::key(text);
        if !named.insert(Arc::clone(&key)) {
            reader.note(item.place, Fault::RepeatedRule(short(text)));
            continue;
        }
        references.push(Reference { place: item.place, key });
    }
    references
}
