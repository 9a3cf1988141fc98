use rampart_model::{Category, Field, Record, RecordError, Timestamp};
use serde_json::{Map as Json, Value};

use crate::{
    Fault, Place,
    reader::{Map, Reader},
    yaml::{Content, Entry, Node, Scalar, ScalarKind},
};

const KEYS: &[&str] = &["match", "no_match"];

/// What a rule must do with a test event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Match it.
    Match,
    /// Leave it alone.
    NoMatch,
}

/// An event that its rule must, or must not, match.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// Which of the two.
    pub expectation: Expectation,
    /// The event.
    pub event: Record,
    /// Where it stands in the rule's file.
    pub place: Place,
}

pub(super) fn read(reader: &mut Reader, rule: Map<'_>, category: Category) -> Vec<RuleTest> {
    let mut tests = Vec::new();
    let map = match rule.get("tests") {
        Some(node) => reader.map(node, "`tests`"),
        None => None,
    };
    if let Some(map) = map {
        map.only(reader, "`tests`", KEYS);
    }
    for (key, expectation) in [("match", Expectation::Match), ("no_match", Expectation::NoMatch)] {
        let list = map.and_then(|map| map.get(key));
        let events = list.map_or(&[][..], |node| reader.list(node, &format!("`{key}`")));
        if events.is_empty() {
            let place = map.map_or(rule.place, |map| map.place);
            reader.note(place, Fault::MissingTests(key));
        }
        let read = events.iter().filter_map(|node| read_event(reader, node, category));
        tests.extend(read.map(|(place, event)| RuleTest { expectation, event, place }));
    }
    tests
}

/// Every key by itself, so that each fault is told at its own place.
fn read_event(reader: &mut Reader, node: &Node, category: Category) -> Option<(Place, Record)> {
    let map = reader.map(node, "a test event")?;
    let mut event = Record::new(own_category(reader, map, category)?, Timestamp::EPOCH);
    for entry in map.entries.iter().filter(|entry| entry.key != "category") {
        match read_field(entry, event.category()) {
            Ok(Some((field, value))) => event.set(field, value),
            Ok(None) => {}
            Err((place, error)) => reader.note(place, Fault::Event(error)),
        }
    }
    Some((node.place, event))
}

fn own_category(reader: &mut Reader, map: Map<'_>, category: Category) -> Option<Category> {
    let Some(node) = map.get("category") else { return Some(category) };
    let named = reader.text(node, "`category`").map(Category::from_name)?;
    if named.is_none() {
        reader.note(node.place, Fault::Event(RecordError::Category));
    }
    named
}

type FieldValue = (Field, rampart_model::Value<'static>);

fn read_field(entry: &Entry, category: Category) -> Result<Option<FieldValue>, (Place, RecordError)> {
    let field = match entry.key.as_str() {
        "@timestamp" => None,
        name => Some(Field::from_name(name).map_err(|unknown| (entry.place, unknown.into()))?),
    };
    let Content::Scalar(scalar) = &entry.value.content else {
        let found = entry.value.describe().to_owned();
        let error = field.map_or(RecordError::Time, |field| RecordError::Type {
            field,
            expected: "one value",
            found,
        });
        return Err((entry.value.place, error));
    };
    let mut json = Json::new();
    json.insert("category".to_owned(), category.name().into());
    json.insert(entry.key.clone(), json_of(scalar));
    let record = Record::from_json(&Value::Object(json)).map_err(|error| (entry.value.place, error))?;
    Ok(field.and_then(|field| Some((field, record.get(field)?.clone()))))
}

fn json_of(scalar: &Scalar) -> Value {
    match scalar.kind {
        ScalarKind::Null => Value::Null,
        // Records take numbers and booleans as text, too; text is what keeps their spelling.
        _ => Value::String(scalar.text.clone()),
    }
}
