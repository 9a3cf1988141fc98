use std::{sync::Arc, time::Duration};

use rampart_model::Field;

use super::{
    CorrelationKind,
    grouping::{self, Group},
    kind,
};
use crate::{
    Catalogue, Fault, Origin,
    reader::{Map, Reader},
    reference::{self, Reference},
    rule::{DOCUMENT_KEYS, Head, Identity, Unsaid},
    span::SpanUse,
    yaml::{Content, Node, ScalarKind},
};

const WHAT: &str = "the correlation";

/// Beside those of every document: those of Sigma's correlations and rules, and `tests`, which is ours.
const KEYS: &[&str] = &["scope", "fields", "falsepositives", "level", "correlation", "generate", "tests"];

const CORRELATION_KEYS: &[&str] =
    &["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];

/// A correlation that is read, before its references are looked up.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) head: Head,
    pub(crate) references: Vec<Reference>,
    pub(crate) kind: CorrelationKind,
    pub(crate) groups: Vec<Group>,
    pub(crate) timespan: Duration,
    // Its events may be of the category of a rule that is yet to be found.
    pub(crate) tests: Option<Node>,
    pub(crate) silent: bool,
    pub(crate) origin: Origin,
}

impl Draft {
    pub(crate) fn identity(&self) -> Identity {
        Identity { id: Some(Arc::clone(&self.head.id)), name: self.head.name.clone() }
    }
}

/// Reads one document as a correlation. None when a fault leaves nothing that could be one.
pub(crate) fn read(
    reader: &mut Reader,
    unsaid: &mut Unsaid,
    file: &Arc<str>,
    node: &Node,
    catalogue: &Catalogue,
) -> Option<Draft> {
    let map = reader.map(node, "a correlation")?;
    map.only_of(reader, WHAT, &[DOCUMENT_KEYS, KEYS]);
    let head = Head::read(reader, unsaid, map, WHAT, catalogue);
    if let Some(node) = map.get("generate") {
        read_generate(reader, node);
    }
    let body = map.require(reader, WHAT, "correlation").and_then(|node| reader.map(node, "`correlation`"))?;
    body.only(reader, "`correlation`", CORRELATION_KEYS);
    if let Some(node) = body.get("generate") {
        read_generate(reader, node);
    }
    let references = body
        .require(reader, "`correlation`", "rules")
        .map_or_else(Vec::new, |node| reference::read(reader, node));
    let kind = kind::read(reader, body, &references);
    let groups = grouping::read(reader, body);
    let timespan = body
        .require(reader, "`correlation`", "timespan")
        .and_then(|node| SpanUse::Timespan.read(reader, node));
    // What is wrong with the references is noted, and there is no correlation of none.
    if references.is_empty() {
        return None;
    }
    Some(Draft {
        head: head?,
        references,
        kind: kind?,
        groups: groups?,
        timespan: timespan?,
        tests: map.get("tests").cloned(),
        silent: false,
        origin: Origin { file: Arc::clone(file), place: node.place },
    })
}

fn read_generate(reader: &mut Reader, node: &Node) -> Option<bool> {
    let generate = node.as_scalar().and_then(|scalar| match scalar.kind {
        ScalarKind::Bool(generate) => Some(generate),
        _ => None,
    });
    if generate.is_none() {
        reader.expected(node, "`generate`", "true or false");
    }
    generate
}

/// The rules that a correlation feeds on, and whether they raise findings all the same. It counts also of a correlation
/// that is refused: its parts, which alone mean nothing, must not flood anybody because of a mistake in it.
pub(crate) fn feeds(document: &Node) -> Option<(Vec<Arc<str>>, bool)> {
    let mut unheard = Reader::default();
    let map = unheard.map(document, "")?;
    let body = unheard.map(map.get("correlation")?, "")?;
    let references = reference::read(&mut unheard, body.get("rules")?);
    let generate = generate(&mut unheard, map) || generate(&mut unheard, body);
    Some((references.into_iter().map(|reference| reference.key).collect(), generate))
}

fn generate(reader: &mut Reader, map: Map<'_>) -> bool {
    map.get("generate").and_then(|node| read_generate(reader, node)).unwrap_or(false)
}

/// The field of a name; what is wrong with it is noted.
pub(super) fn field(reader: &mut Reader, node: &Node, what: &str) -> Option<Field> {
    let name = reader.text(node, what)?;
    Field::from_name(name).map_err(|unknown| reader.note(node.place, Fault::from(unknown))).ok()
}

/// The items of a list, or the one value that stands in place of a list.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.content {
        Content::List(items) => items,
        Content::Scalar(_) | Content::Map(_) => std::slice::from_ref(node),
    }
}
