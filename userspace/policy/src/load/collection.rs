//! Sigma's rule collections: documents of one file that stand on one another by their `action`.

use std::{collections::HashMap, rc::Rc};

use crate::{
    Fault, limit,
    reader::{Map, Reader},
    yaml::{Content, Entry, Node},
};

/// The documents that remain when every `action` is carried out, each with the keys that others gave it.
///
/// Places stay those of the keys as they are written. `global` gives its keys to the rules behind it; correlations and
/// filters have others, and take none.
pub(super) fn expand(reader: &mut Reader, documents: Vec<Node>) -> Vec<Node> {
    let mut collection = Collection { global: None, previous: None, nodes: 0 };
    let mut expanded = Vec::new();
    for document in documents {
        let place = document.place;
        match collection.take(reader, document) {
            Ok(document) => expanded.extend(document),
            Err(fault) => reader.note(place, fault),
        }
    }
    expanded
}

struct Collection {
    // Shared, so that what is too large is not copied before that is known.
    global: Option<Rc<Node>>,
    previous: Option<Rc<Node>>,
    // Of all merged documents: what is repeated is not in the file's own count.
    nodes: usize,
}

impl Collection {
    fn take(&mut self, reader: &mut Reader, mut document: Node) -> Result<Option<Node>, Fault> {
        let Some(action) = take_action(&mut document) else {
            let global = self.global.clone().filter(|_| is_rule(&document));
            return self.stack(global, document).map(Some);
        };
        match action.as_scalar().map(|scalar| scalar.text.as_str()) {
            Some("global") => {
                self.global = Some(Rc::new(document));
                self.previous.clone_from(&self.global);
            }
            Some("reset") => self.global = None,
            Some("repeat") => {
                let previous = self.previous.clone().ok_or(Fault::NothingToRepeat)?;
                return self.stack(Some(previous), document).map(Some);
            }
            _ => reader.expected(&action, "`action`", "global, repeat or reset"),
        }
        Ok(None)
    }

    /// The document with what it has of another.
    fn stack(&mut self, base: Option<Rc<Node>>, document: Node) -> Result<Node, Fault> {
        self.nodes += base.as_deref().map_or(0, count);
        if self.nodes > limit::YAML_NODES {
            let bound = limit::YAML_NODES as u64;
            return Err(Fault::TooMuch { what: "what `action` repeats in this file, in values,", bound });
        }
        let document = match base {
            Some(base) => merge(Node::clone(&base), document),
            None => document,
        };
        self.previous = Some(Rc::new(document.clone()));
        Ok(document)
    }
}

/// The document's `action`, which is then no key of it any more.
fn take_action(document: &mut Node) -> Option<Node> {
    let Content::Map(entries) = &mut document.content else { return None };
    let number = entries.iter().position(|entry| entry.key == "action")?;
    Some(entries.remove(number).value)
}

fn is_rule(document: &Node) -> bool {
    let Content::Map(entries) = &document.content else { return false };
    let map = Map { place: document.place, entries };
    map.get("correlation").is_none() && map.get("filter").is_none()
}

/// Maps become one, key by key; of everything else what stands above is kept.
fn merge(base: Node, above: Node) -> Node {
    let place = above.place;
    let (mut entries, own) = match (base.content, above.content) {
        (Content::Map(entries), Content::Map(own)) => (entries, own),
        (_, content) => return Node { place, content },
    };
    let numbers: HashMap<String, usize> =
        entries.iter().enumerate().map(|(number, entry)| (entry.key.clone(), number)).collect();
    for entry in own {
        // A document has no key twice.
        match numbers.get(&entry.key).and_then(|number| entries.get_mut(*number)) {
            Some(old) => *old = merge_entry(old, entry),
            None => entries.push(entry),
        }
    }
    Node { place, content: Content::Map(entries) }
}

fn merge_entry(base: &Entry, above: Entry) -> Entry {
    Entry { value: merge(base.value.clone(), above.value), ..above }
}

fn count(node: &Node) -> usize {
    1 + match &node.content {
        Content::Scalar(_) => 0,
        Content::List(items) => items.iter().map(count).sum(),
        Content::Map(entries) => entries.iter().map(|entry| 1 + count(&entry.value)).sum::<usize>(),
    }
}
