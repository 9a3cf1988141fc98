use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::text;

/// A finding as conditions see it: every value by its dotted path, and those of a list also by their places in it.
pub(super) fn flat(finding: &Json) -> Json {
    let mut values = Map::new();
    flatten(&mut values, "", finding);
    Json::Object(values)
}

fn flatten(values: &mut Map<String, Json>, path: &str, json: &Json) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match json {
        Json::Object(fields) => fields.iter().for_each(|(key, value)| flatten(values, &below(key), value)),
        Json::Array(items) => {
            values.insert(path.to_owned(), json.to_string().into());
            items
                .iter()
                .enumerate()
                .for_each(|(place, item)| flatten(values, &below(&place.to_string()), item));
        }
        scalar => {
            values.insert(path.to_owned(), scalar.clone());
        }
    }
}

/// The ids of the techniques that it names.
pub(super) fn techniques(finding: &Json) -> BTreeSet<String> {
    let ids = finding.pointer("/threat/technique/id").and_then(Json::as_array);
    ids.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// The controls that it names, each with its framework in front.
pub(super) fn controls(finding: &Json) -> BTreeSet<String> {
    let frameworks = finding.pointer("/rampart/controls").and_then(Json::as_object);
    let of = |(framework, ids): (&String, &Json)| {
        let ids = ids.as_array().cloned().unwrap_or_default();
        ids.iter().filter_map(|id| Some(format!("{framework}.{}", id.as_str()?))).collect::<Vec<_>>()
    };
    frameworks.into_iter().flatten().flat_map(of).collect()
}

/// Whether it counts what happened before some time.
pub(super) fn begins_before(finding: &Json, time: &str) -> bool {
    let start = text(finding, "/event/start");
    !start.is_empty() && start.as_str() < time
}

/// In two lines, for people.
pub(super) fn line(rule: &str, finding: &Json) -> String {
    let (severity, message) = (text(finding, "/rampart/severity"), text(finding, "/message"));
    let container = text(finding, "/container/id");
    let place = if container.is_empty() { String::new() } else { format!(" in container {container:.12}") };
    let command = text(finding, "/process/command_line");
    format!(
        "{rule} ({severity}): {message}\n      by {}{place}: {command:.300}",
        text(finding, "/process/executable")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{controls, flat, techniques};

    #[test]
    fn values_have_dotted_paths() {
        let flat = flat(&json!({"a": {"b": 1, "c": ["x", {"d": "y"}]}, "e": true}));
        let wanted =
            json!({"a.b": 1, "a.c": "[\"x\",{\"d\":\"y\"}]", "a.c.0": "x", "a.c.1.d": "y", "e": true});
        assert_eq!(flat, wanted);
    }

    #[test]
    fn ids_are_those_of_the_finding() {
        let finding = json!({
            "threat": {"technique": {"id": ["T1", "T1.001"]}},
            "rampart": {"controls": {"soc2": ["cc7.2"], "hipaa": ["164.312.b", "x"]}},
        });
        assert_eq!(techniques(&finding).into_iter().collect::<Vec<_>>(), ["T1", "T1.001"]);
        assert_eq!(
            controls(&finding).into_iter().collect::<Vec<_>>(),
            ["hipaa.164.312.b", "hipaa.x", "soc2.cc7.2"]
        );
        assert!(techniques(&json!({})).is_empty() && controls(&json!({})).is_empty());
    }
}
