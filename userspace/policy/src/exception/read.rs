//! Files under `exceptions/`, and Sigma's filters.

use std::sync::Arc;

use rampart_model::Timestamp;

use super::{
    Exception,
    draft::{Draft, Scope, scope},
};
use crate::{
    Condition, Detection, Origin,
    reader::{Map, Reader},
    rule::{DOCUMENT_KEYS, LogSource, Metadata, read_id},
    yaml::{Content, Node},
};

const EXCEPTION: &str = "the exception";
const FILTER: &str = "the filter";

/// The keys of a document under `exceptions/`.
const EXCEPTION_KEYS: &[&str] = &[
    "title",
    "id",
    "description",
    "author",
    "date",
    "modified",
    "references",
    "owner",
    "reason",
    "expires",
    "rules",
    "logsource",
    "detection",
];

/// Of a filter, beside those of every document; `owner`, `reason` and `expires` are ours.
const FILTER_KEYS: &[&str] = &["logsource", "filter", "owner", "reason", "expires"];

/// Reads one document under `exceptions/`: its detection says where rules raise no finding.
pub(crate) fn read(reader: &mut Reader, file: &Arc<str>, node: &Node) -> Option<Draft> {
    let map = reader.map(node, "an exception")?;
    map.only(reader, EXCEPTION, EXCEPTION_KEYS);
    let title = map.require_text(reader, EXCEPTION, "title").map(|(_, title)| Arc::from(title));
    let id = map.require(reader, EXCEPTION, "id").and_then(|node| read_id(reader, node));
    for key in ["owner", "reason", "expires"] {
        map.require(reader, EXCEPTION, key);
    }
    let answer = Answer::read(reader, map);
    Metadata::read(reader, map);
    let source = map.get("logsource").map(|node| LogSource::read(reader, node));
    let scope = scope(reader, map, EXCEPTION, map.place, source);
    reader.about(source.and_then(LogSource::category));
    let detection =
        map.require(reader, EXCEPTION, "detection").and_then(|node| Detection::read(reader, node));
    if matches!(source, Some(LogSource::Other { .. })) {
        return None;
    }
    let id = id?;
    let own_id = Some(Arc::clone(&id));
    Some(answer.draft(id, own_id, title?, scope?, detection?, origin(file, node)))
}

/// Reads one document as a Sigma filter: its condition must hold for a rule to fire.
pub(crate) fn read_filter(reader: &mut Reader, file: &Arc<str>, node: &Node) -> Option<Draft> {
    let map = reader.map(node, "a filter")?;
    map.only_of(reader, FILTER, &[DOCUMENT_KEYS, FILTER_KEYS]);
    let title = map.require_text(reader, FILTER, "title").map(|(_, title)| title);
    let own_id = map.get("id").map(|node| read_id(reader, node));
    let answer = Answer::read(reader, map);
    Metadata::read(reader, map);
    let source = map.require(reader, FILTER, "logsource").map(|node| LogSource::read(reader, node));
    if source == Some(LogSource::Other { readable: false }) {
        return None;
    }
    let body_node = map.require(reader, FILTER, "filter")?;
    let body = reader.map(body_node, "`filter`")?;
    let scope = scope(reader, body, "`filter`", map.place, source);
    reader.about(source.and_then(LogSource::category));
    let detection = read_selections(reader, body);
    let Some(LogSource::Category(_) | LogSource::All) = source else { return None };
    let (title, own_id) = (title?, own_id.map_or(Some(None), |id| id.map(Some))?);
    let id = own_id.clone().unwrap_or_else(|| title.into());
    Some(answer.draft(id, own_id, title.into(), scope?, detection?, origin(file, node)))
}

/// What stands beside `rules` is a detection, whose opposite is what the filter excepts.
fn read_selections(reader: &mut Reader, filter: Map<'_>) -> Option<Detection> {
    // A detection would call itself by the name of its own key.
    filter.require(reader, "`filter`", "condition")?;
    let entries = filter.entries.iter().filter(|entry| entry.key != "rules").cloned().collect();
    let node = Node { place: filter.place, content: Content::Map(entries) };
    let Detection { selections, condition } = Detection::read(reader, &node)?;
    Some(Detection { selections, condition: Condition::Not(condition.into()) })
}

fn origin(file: &Arc<str>, node: &Node) -> Origin {
    Origin { file: Arc::clone(file), place: node.place }
}

/// Who answers for an exception, why, and until when.
#[derive(Debug, Default)]
struct Answer {
    owner: Option<Arc<str>>,
    reason: Option<Arc<str>>,
    expires: Option<Timestamp>,
}

impl Answer {
    fn read(reader: &mut Reader, map: Map<'_>) -> Self {
        let mut text = |key, what| map.get(key).and_then(|node| reader.text(node, what)).map(Arc::from);
        let (owner, reason) = (text("owner", "`owner`"), text("reason", "`reason`"));
        let expires = map.get("expires").and_then(|node| read_end(reader, node));
        Self { owner, reason, expires }
    }

    fn draft(
        self,
        id: Arc<str>,
        own_id: Option<Arc<str>>,
        title: Arc<str>,
        scope: Scope,
        detection: Detection,
        origin: Origin,
    ) -> Draft {
        let Self { owner, reason, expires } = self;
        let (category, rules) = (scope.category, Vec::new());
        let exception = Exception { id, title, owner, reason, expires, category, rules, detection, origin };
        Draft { exception, own_id, references: scope.references }
    }
}

/// A date stands for its first moment: on that day the exception applies no more.
fn read_end(reader: &mut Reader, node: &Node) -> Option<Timestamp> {
    let text = reader.text(node, "`expires`")?;
    let end = format!("{text}T00:00:00Z").parse().or_else(|_| text.parse());
    if end.is_err() {
        reader.expected(
            node,
            "`expires`",
            "a date, such as 2026-12-31, or a time, such as 2026-12-31T18:00:00Z",
        );
    }
    end.ok()
}
