use serde_json::{Map, Value as Json};

use crate::{Category, Event, Field, FieldType, Texts, Timestamp, Value};

/// One event as flat fields: what `rampart events` prints, `rampart rules eval` reads, and a rule's
/// `tests:` are written in.
///
/// As JSON it is one object: `category`, `@timestamp`, and every [`Field`] that has a value, by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    time: Timestamp,
    category: Category,
    // Indexed by Field::index.
    values: Box<[Option<Value<'static>>]>,
}

/// Why a JSON object is not a [`Record`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not a JSON object.
    #[error("an event is a JSON object")]
    NotAnObject,
    /// No or unknown category.
    #[error("`category` must be one of {}", Category::ALL.map(Category::name).join(", "))]
    Category,
    /// A key that is no field.
    #[error(transparent)]
    UnknownField(#[from] crate::UnknownField),
    /// A value of the wrong type.
    #[error("`{field}` must be {expected}, not `{found}`")]
    Type {
        /// Which field.
        field: Field,
        /// What it holds, in words.
        expected: &'static str,
        /// What stood there.
        found: String,
    },
    /// `@timestamp` is not RFC 3339.
    #[error("`@timestamp` must be an RFC 3339 time")]
    Time,
}

impl Record {
    /// A record without any field.
    #[must_use]
    pub fn new(category: Category, time: Timestamp) -> Self {
        Self { time, category, values: vec![None; Field::ALL.len()].into() }
    }

    /// What kind of event it is.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// When it happened; [`Timestamp::EPOCH`] where it was not said.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value<'static>> {
        self.values.get(field.index())?.as_ref()
    }

    /// Gives a field a value.
    pub fn set(&mut self, field: Field, value: Value<'static>) {
        if let Some(slot) = self.values.get_mut(field.index()) {
            *slot = Some(value);
        }
    }

    /// Reads the JSON form. `null` stands for a field without a value.
    ///
    /// # Errors
    /// [`RecordError`] says which key is wrong and what it should be.
    pub fn from_json(json: &Json) -> Result<Self, RecordError> {
        let object = json.as_object().ok_or(RecordError::NotAnObject)?;
        let category = object.get("category").and_then(Json::as_str).and_then(Category::from_name);
        let mut record = Self::new(category.ok_or(RecordError::Category)?, Timestamp::EPOCH);
        for (key, value) in object {
            match key.as_str() {
                "category" => {}
                "@timestamp" => {
                    record.time = serde_json::from_value(value.clone()).map_err(|_| RecordError::Time)?;
                }
                _ if value.is_null() || value.as_array().is_some_and(Vec::is_empty) => {
                    Field::from_name(key)?;
                }
                _ => {
                    let field = Field::from_name(key)?;
                    record.set(field, value_from_json(field, value)?);
                }
            }
        }
        Ok(record)
    }

    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        object.insert("@timestamp".to_owned(), Json::from(self.time.to_string()));
        object.insert("category".to_owned(), Json::from(self.category.name()));
        for field in Field::ALL {
            if let Some(value) = self.get(*field) {
                object.insert(field.name().to_owned(), value_to_json(value));
            }
        }
        Json::Object(object)
    }
}

impl From<&Event> for Record {
    fn from(event: &Event) -> Self {
        let mut record = Self::new(event.category(), event.time);
        for field in Field::ALL {
            if let Some(value) = field.of(event) {
                record.set(*field, into_owned(*field, value));
            }
        }
        record
    }
}

fn into_owned(field: Field, value: Value<'_>) -> Value<'static> {
    match value {
        Value::Text(text) => Value::Text(text.into_owned().into()),
        Value::Texts(texts) => Value::Texts(texts.into_owned()),
        other if field.field_type() == FieldType::Text => Value::Text(other.to_string().into()),
        Value::Names(names) => Value::Names(names),
        Value::Number(number) => Value::Number(number),
        Value::Bool(value) => Value::Bool(value),
        Value::Ip(ip) => Value::Ip(ip),
    }
}

fn value_to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Names(names) => Json::from(names.to_string()),
        Value::Texts(texts) => texts.iter().map(Json::from).collect(),
        Value::Number(number) => Json::from(*number),
        Value::Bool(value) => Json::from(*value),
        Value::Ip(ip) => Json::from(ip.to_string()),
    }
}

/// Numbers and booleans may be written as strings, as log shippers do.
fn value_from_json(field: Field, json: &Json) -> Result<Value<'static>, RecordError> {
    if field.is_list() {
        return texts_from_json(field, json);
    }
    let text = match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (value, expected) = match field.field_type() {
        FieldType::Text => return Ok(Value::from(text)),
        FieldType::Number => (text.parse().ok().map(Value::Number), "a whole number"),
        FieldType::Bool => (text.parse().ok().map(Value::Bool), "true or false"),
        FieldType::Ip => (text.parse().ok().map(Value::Ip), "an IP address"),
    };
    value.ok_or(RecordError::Type { field, expected, found: text })
}

/// One text is a list of one.
fn texts_from_json(field: Field, json: &Json) -> Result<Value<'static>, RecordError> {
    let list = json.as_array().map_or(std::slice::from_ref(json), Vec::as_slice);
    let texts: Option<Vec<Box<str>>> = list.iter().map(|text| text.as_str().map(Box::from)).collect();
    let error =
        || RecordError::Type { field, expected: "a text or a list of texts", found: json.to_string() };
    Ok(Value::Texts(Texts::List(texts.ok_or_else(error)?.into())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_goes_round() {
        let json = json!({
            "@timestamp": "2026-01-02T03:04:05.000000006Z",
            "category": "network_connection",
            "Image": "/usr/bin/nc",
            "process.ancestors.name": ["sh", "sshd"],
            "DestinationIp": "::1",
            "DestinationPort": 3333,
            "Initiated": true,
        });
        assert_eq!(Record::from_json(&json).unwrap().to_json(), json);
    }

    #[test]
    fn bad_records_say_why() {
        for (json, message) in [
            (json!([]), "an event is a JSON object"),
            (json!({"Image": "/bin/sh"}), "`category` must be one of process_creation"),
            (json!({"category": "mount", "Imag": "x"}), "unknown field `Imag`, did you mean `Image`?"),
            (
                json!({"category": "mount", "DestinationPort": "x"}),
                "`DestinationPort` must be a whole number, not `x`",
            ),
            (json!({"category": "mount", "@timestamp": 5}), "`@timestamp` must be"),
        ] {
            let error = Record::from_json(&json).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
