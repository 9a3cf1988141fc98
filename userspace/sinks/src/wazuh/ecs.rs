//! Findings that managers have no form of their own for.

use rampart_model::Finding;
use serde_json::{Map, Value as Json, json};

use super::{
    cut::cut,
    encode::{MESSAGE_BYTES, message as written},
};

/// The queue of lines that are JSON, and where they come from. There is nothing in it that would have to be escaped.
const PREFIX: &str = "1:rampart:";

/// The one name at the root of what a manager reads.
const ROOT: &str = "rampart";

/// What is left of a finding that is too long for everything else.
const ESSENTIALS: [&str; 9] =
    ["@timestamp", "ecs", "event", "host", "message", "rule", "schema", "severity", "truncated"];

pub(super) fn message(finding: &Finding) -> Option<Vec<u8>> {
    let mut root = json!({ ROOT: hoisted(finding) });
    let whole = written(PREFIX, &root)?;
    if whole.len() <= MESSAGE_BYTES {
        return Some(whole);
    }
    if let Some(inner) = root.get_mut(ROOT).and_then(Json::as_object_mut) {
        inner.insert("truncated".to_owned(), json!(true));
    }
    cut(&mut root, MESSAGE_BYTES - PREFIX.len(), |root| {
        if let Some(inner) = root.get_mut(ROOT).and_then(Json::as_object_mut) {
            inner.retain(|name, _| ESSENTIALS.contains(&name.as_str()));
        }
    });
    written(PREFIX, &root)
}

/// The ECS document with what is under `rampart` beside the rest.
fn hoisted(finding: &Finding) -> Json {
    let mut document = finding.to_json();
    if let Some(root) = document.as_object_mut()
        && let Some(Json::Object(own)) = root.remove(ROOT)
    {
        let left = merge(root, own);
        if !left.is_empty() {
            root.insert(ROOT.to_owned(), Json::Object(left));
        }
    }
    document
}

/// Puts one map's values into another; gives those whose place is taken.
fn merge(into: &mut Map<String, Json>, from: Map<String, Json>) -> Map<String, Json> {
    let mut left = Map::new();
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (None, value) => {
                into.insert(name, value);
            }
            (Some(Json::Object(into)), Json::Object(from)) => {
                let inner = merge(into, from);
                if !inner.is_empty() {
                    left.insert(name, Json::Object(inner));
                }
            }
            (Some(_), value) => {
                left.insert(name, value);
            }
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rampart_model::{Context, Subject};
    use rampart_testkit::sample;

    use super::*;

    /// Of events of every kind, and of all that is not about an event.
    fn findings() -> Vec<Finding> {
        let runtime = sample::all_events().into_iter().map(|event| {
            let rule = Arc::new(sample::rule());
            sample::finding_of(Subject::Runtime { event: Arc::new(event), rule, context: Context::default() })
        });
        runtime.chain(sample::state_findings()).collect()
    }

    /// How many values there are that are no maps.
    fn leaves(json: &Json) -> usize {
        json.as_object().map_or(1, |map| map.values().map(leaves).sum())
    }

    #[test]
    fn nothing_has_the_name_of_something_else() {
        for finding in findings() {
            let (document, hoisted) = (finding.to_json(), hoisted(&finding));
            assert_eq!(hoisted.get(ROOT), None, "{document:#}");
            assert_eq!(leaves(&hoisted), leaves(&document), "{document:#}");
        }
    }

    #[test]
    fn what_has_the_name_of_something_else_is_kept_apart() {
        let mut into = json!({ "file": { "path": "/a" }, "user": "x" }).as_object().cloned().unwrap();
        let from = json!({ "file": { "path": "/b", "flags": "c" }, "user": 1, "own": 2 });
        let left = merge(&mut into, from.as_object().cloned().unwrap());
        assert_eq!(json!(into), json!({ "file": { "path": "/a", "flags": "c" }, "user": "x", "own": 2 }));
        assert_eq!(json!(left), json!({ "file": { "path": "/b" }, "user": 1 }));
    }

    #[test]
    fn rules_find_what_they_ask_for() {
        let message = String::from_utf8(message(&sample::finding()).unwrap()).unwrap();
        let json: Json = serde_json::from_str(message.strip_prefix(PREFIX).unwrap()).unwrap();
        for (pointer, expected) in [
            ("/rampart/schema", json!("1.0")),
            ("/rampart/severity", json!("critical")),
            ("/rampart/event/kind", json!("alert")),
            ("/rampart/rule/id", json!("11111111-2222-4333-8444-555555555555")),
            ("/rampart/threat/technique/id", json!(["T1496"])),
            ("/rampart/controls/pci_dss", json!(["11.5.1"])),
            ("/rampart/process/executable", json!("/tmp/xmrig")),
            ("/rampart/host/name", json!("node-1")),
        ] {
            assert_eq!(json.pointer(pointer), Some(&expected), "{pointer} of {json:#}");
        }
        assert_eq!(json.pointer("/rampart/truncated"), None);
    }
}
