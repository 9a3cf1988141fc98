//! One schema, made fit for a validator that reads it from this disk.

use serde_json::{Map, Value, json};

/// Where the package would have its definitions on its own server.
const ON_SERVER: &str = "/api/_definitions.json#";

/// The same, beside the schema.
const BESIDE: &str = "_definitions.json#";

/// Without the name on the web by which the validator would go there for what the schema refers to.
pub(super) fn on_disk(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$id");
    }
    change(&mut schema, &|fields| {
        if let Some(Value::String(target)) = fields.get_mut("$ref")
            && let Some(definition) = target.strip_prefix(ON_SERVER)
        {
            *target = format!("{BESIDE}{definition}");
        }
    });
    schema
}

/// The schema of the first version in a definition of a resource, and the file that kubeconform looks for it in; what
/// it does not name is refused, as it is by `kubectl --validate=strict`.
pub(super) fn of_resource(definition: &Value) -> Option<(String, Value)> {
    let text = |path| definition.pointer(path).and_then(Value::as_str);
    let kind = text("/spec/names/kind")?.to_lowercase();
    let group = text("/spec/group")?.split('.').next()?;
    let version = text("/spec/versions/0/name")?;
    let mut schema = definition.pointer("/spec/versions/0/schema/openAPIV3Schema")?.clone();
    change(&mut schema, &|fields| {
        let is_open = fields.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
        if fields.get("type") == Some(&json!("object")) && fields.contains_key("properties") && !is_open {
            fields.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    });
    Some((format!("{kind}-{group}-{version}.json"), schema))
}

/// The depth is that of files of a pinned version.
fn change(value: &mut Value, how: &impl Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            how(fields);
            fields.values_mut().for_each(|field| change(field, how));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| change(element, how)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{of_resource, on_disk};
    use serde_json::json;

    #[test]
    fn definitions_are_looked_for_beside_the_schema() {
        let schema = json!({
            "$id": "https://kubernetes.io/api/pod/v1",
            "properties": { "spec": { "$ref": "/api/_definitions.json#/$defs/PodSpec" }, "$id": {} },
            "anyOf": [{ "$ref": "#/$defs/own" }],
        });
        let expected = json!({
            "properties": { "spec": { "$ref": "_definitions.json#/$defs/PodSpec" }, "$id": {} },
            "anyOf": [{ "$ref": "#/$defs/own" }],
        });
        assert_eq!(on_disk(schema), expected);
    }

    #[test]
    fn a_resource_has_no_more_fields_than_it_names() {
        let schema = json!({
            "type": "object",
            "properties": {
                "metadata": { "type": "object" },
                "spec": { "type": "object", "properties": {} },
                "open": { "type": "object", "properties": {}, "x-kubernetes-preserve-unknown-fields": true },
            },
        });
        let versions = json!([{ "name": "v1", "schema": { "openAPIV3Schema": schema } }]);
        let names = json!({ "kind": "ServiceMonitor" });
        let definition =
            json!({ "spec": { "group": "monitoring.coreos.com", "names": names, "versions": versions } });
        let (name, strict) = of_resource(&definition).unwrap();
        assert_eq!(name, "servicemonitor-monitoring-v1.json");
        let refuses = |path| strict.pointer(path).unwrap().get("additionalProperties").is_some();
        assert!(refuses("") && refuses("/properties/spec"));
        assert!(!refuses("/properties/metadata") && !refuses("/properties/open"));
        assert_eq!(of_resource(&json!({})), None);
    }
}
