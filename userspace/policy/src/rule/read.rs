use std::sync::Arc;

use rampart_model::Severity;

use super::{
    Origin, Rule,
    head::{DOCUMENT_KEYS, Head, Unsaid},
    logsource::LogSource,
    test,
};
use crate::{Catalogue, Detection, Fault, reader::Reader, yaml::Node};

const WHAT: &str = "the rule";

/// Beside those of every document: those of Sigma's rules, and `tests`, which is ours.
const KEYS: &[&str] = &["scope", "fields", "falsepositives", "level", "logsource", "detection", "tests"];

/// What a rule is taken for that does not say.
pub(crate) const DEFAULT_LEVEL: Severity = Severity::Medium;

/// Reads one document as a rule. None when a fault leaves nothing that could be one.
pub(crate) fn read(
    reader: &mut Reader,
    unsaid: &mut Unsaid,
    file: &Arc<str>,
    node: &Node,
    catalogue: &Catalogue,
) -> Option<Rule> {
    let map = reader.map(node, "a rule")?;
    let source = LogSource::require(reader, map, WHAT);
    // Of a rule that is for something else, nothing more is worth saying.
    if source == (LogSource::Other { readable: false }) {
        return None;
    }
    map.only_of(reader, WHAT, &[DOCUMENT_KEYS, KEYS]);
    let head = Head::read(reader, unsaid, map, WHAT, catalogue);
    if map.get("level").is_none() {
        unsaid.push((node.place, Fault::Unsaid { what: WHAT, key: "level" }));
    }
    reader.about(source.category());
    let detection = map.require(reader, WHAT, "detection").and_then(|node| Detection::read(reader, node));
    let tests = source.category().map_or_else(Vec::new, |category| test::read(reader, map, category));
    let scenario = test::scenario(reader, map.get("tests"));
    let (head, category, detection) = (head?, source.category()?, detection?);
    Some(Rule {
        reference: head.reference(head.severity.unwrap_or(DEFAULT_LEVEL)),
        name: head.name,
        silent: false,
        status: head.metadata.status,
        author: head.metadata.author,
        date: head.metadata.date,
        category,
        detection,
        false_positives: head.metadata.false_positives,
        tests,
        scenario,
        origin: Origin { file: Arc::clone(file), place: node.place },
    })
}
