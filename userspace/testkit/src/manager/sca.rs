//! What a manager must find in SCA events to take them.

use serde_json::{Map, Value};

const CHECK: &[&str] = &["id", "policy", "policy_id", "check"];

const SUMMARY: &[&str] = &[
    "scan_id",
    "name",
    "policy_id",
    "file",
    "passed",
    "failed",
    "invalid",
    "total_checks",
    "score",
    "start_time",
    "end_time",
    "hash",
    "hash_file",
];

/// Each type of event, with the fields without which it is thrown away.
const TYPES: [(&str, &[&str]); 4] = [
    ("check", CHECK),
    ("summary", SUMMARY),
    ("policies", &["policies"]),
    ("dump_end", &["policy_id", "elements_sent", "scan_id"]),
];

/// The first thing that is missing or unknown.
pub(super) fn fault(event: &Map<String, Value>) -> Option<String> {
    let name = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some((_, fields)) = TYPES.iter().find(|(known, _)| *known == name) else {
        return Some(format!("an SCA event of the unknown type `{name}`"));
    };
    if let Some(field) = fields.iter().find(|field| !event.contains_key(**field)) {
        return Some(format!("an SCA event of type {name} without `{field}`"));
    }
    let check = event.get("check")?;
    let has = |field: &str| check.get(field).is_some();
    let is_whole = has("id") && has("title") && (has("result") || has("status"));
    (!is_whole).then(|| "an SCA check without id, title, or result and status".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{SUMMARY, fault};

    fn is_taken(event: &Value) -> bool {
        fault(event.as_object().unwrap()).is_none()
    }

    #[test]
    fn whole_events_are_taken() {
        let mut summary = json!({ "type": "summary" });
        for field in SUMMARY {
            summary[field] = json!(1);
        }
        let check = |result: &str| {
            let check = json!({ "id": 1, "title": "t", result: "r" });
            json!({ "type": "check", "id": 1, "policy": "p", "policy_id": "p", "check": check })
        };
        let policies = json!({ "type": "policies", "policies": [] });
        let end = json!({ "type": "dump_end", "policy_id": "p", "elements_sent": 1, "scan_id": 1 });
        for event in [summary, check("result"), check("status"), policies, end] {
            assert!(is_taken(&event), "{event}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        for event in [
            json!({}),
            json!({ "type": "other" }),
            json!({ "type": "summary", "scan_id": 1 }),
            json!({ "type": "policies" }),
            json!({ "type": "check", "id": 1, "policy": "p", "policy_id": "p" }),
            json!({ "type": "check", "id": 1, "policy": "p", "policy_id": "p", "check": { "id": 1, "title": "t" } }),
        ] {
            assert!(!is_taken(&event), "{event}");
        }
    }
}
