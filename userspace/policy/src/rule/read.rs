use std::sync::Arc;

use rampart_model::{Category, RuleRef, Severity};

use super::{Origin, Rule, metadata::Metadata, tags::Tags, test};
use crate::{
    Catalogue, Detection, Fault,
    reader::{Map, Reader, short},
    yaml::Node,
};

const WHAT: &str = "the rule";

/// The keys of Sigma 2.1, and `tests`, which is ours.
const KEYS: &[&str] = &[
    "title",
    "id",
    "name",
    "taxonomy",
    "related",
    "status",
    "description",
    "license",
    "references",
    "author",
    "date",
    "modified",
    "tags",
    "scope",
    "fields",
    "falsepositives",
    "level",
    "logsource",
    "detection",
    "tests",
];

const LOGSOURCE_KEYS: &[&str] = &["product", "category", "service", "definition"];

/// Reads one document as a rule. None when a fault leaves nothing that could be one.
pub(crate) fn read(reader: &mut Reader, file: &Arc<str>, node: &Node, catalogue: &Catalogue) -> Option<Rule> {
    let map = reader.map(node, "a rule")?;
    if let Some(kind) = ["correlation", "filter"].into_iter().find(|key| map.get(key).is_some()) {
        let what = format!("a Sigma {kind}");
        reader.note(node.place, Fault::Unsupported { what, instead: "write a rule with `detection:`" });
        return None;
    }
    map.only(reader, WHAT, KEYS);
    let title = map.require_text(reader, WHAT, "title");
    let id = read_id(reader, map);
    let description = map.require_text(reader, WHAT, "description");
    let severity = read_level(reader, map);
    let metadata = Metadata::read(reader, map);
    let (techniques, controls) = Tags::read(reader, map, catalogue).into_parts();
    let category = read_logsource(reader, map);
    let detection = map.require(reader, WHAT, "detection").and_then(|node| Detection::read(reader, node));
    let tests = category.map_or_else(Vec::new, |category| test::read(reader, map, category));
    let reference = RuleRef {
        id: id?,
        title: title?.1.into(),
        description: description?.1.into(),
        severity: severity?,
        techniques,
        controls,
        references: metadata.references.into(),
    };
    Some(Rule {
        reference: reference.into(),
        name: None,
        silent: false,
        status: metadata.status,
        author: metadata.author,
        date: metadata.date,
        category: category?,
        detection: detection?,
        false_positives: metadata.false_positives,
        tests,
        origin: Origin { file: Arc::clone(file), place: node.place },
    })
}

/// In lower case, so that ids that differ only in case are one.
fn read_id(reader: &mut Reader, map: Map<'_>) -> Option<Arc<str>> {
    /// A UUID with its hyphens.
    const LENGTH: usize = 36;
    let (node, text) = map.require_text(reader, WHAT, "id")?;
    let id = uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == LENGTH);
    if id.is_none() {
        reader.expected(node, "`id`", "a UUID, such as `uuidgen` prints");
    }
    Some(id?.to_string().into())
}

fn read_level(reader: &mut Reader, map: Map<'_>) -> Option<Severity> {
    let (node, name) = map.require_text(reader, WHAT, "level")?;
    let severity = Severity::from_name(name);
    if severity.is_none() {
        reader.expected(node, "`level`", "informational, low, medium, high or critical");
    }
    severity
}

fn read_logsource(reader: &mut Reader, rule: Map<'_>) -> Option<Category> {
    const WHAT: &str = "`logsource`";
    let map = rule.require(reader, "the rule", "logsource").and_then(|node| reader.map(node, WHAT))?;
    map.only(reader, WHAT, LOGSOURCE_KEYS);
    if let Some((node, product)) = map.require_text(reader, WHAT, "product")
        && product != "linux"
    {
        let what = format!("the product `{}`", short(product));
        reader.note(node.place, Fault::Unsupported { what, instead: "rampart sees Linux: `product: linux`" });
    }
    if let Some(node) = map.get("service") {
        let what = "a rule on the log of a service".to_owned();
        reader.note(node.place, Fault::Unsupported { what, instead: "name a category" });
        return None;
    }
    let (node, name) = map.require_text(reader, WHAT, "category")?;
    let category = Category::from_name(name);
    if category.is_none() {
        reader.note(node.place, Fault::UnknownCategory(short(name)));
    }
    category
}
