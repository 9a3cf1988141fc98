use std::{sync::Arc, time::Duration};

use rampart_model::{Category, Field, Record, RecordError, Timestamp};
use serde_json::{Map as Json, Value};

use crate::{
    Fault, Place, limit,
    reader::{Map, Reader},
    span::SpanUse,
    yaml::{Content, Entry, Node, Scalar, ScalarKind},
};

const KEYS: &[&str] = &["match", "no_match", "scenario"];

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
    for (expectation, node) in listed(reader, rule.get("tests"), rule.place, Fault::MissingTests) {
        let mut clock = EventClock::ALONE;
        let event = read_event(reader, node, Some(category), &mut clock);
        tests.extend(event.map(|event| RuleTest { expectation, event, place: node.place }));
    }
    tests
}

/// What stands under `tests:`, the items of both lists. A list that is not there or empty is noted; `place` is that of
/// the document.
pub(crate) fn listed<'n>(
    reader: &mut Reader,
    tests: Option<&'n Node>,
    place: Place,
    missing: fn(&'static str) -> Fault,
) -> Vec<(Expectation, &'n Node)> {
    let map = tests.and_then(|node| reader.map(node, "`tests`"));
    if let Some(map) = map {
        map.only(reader, "`tests`", KEYS);
    }
    let mut items = Vec::new();
    for (key, expectation) in [("match", Expectation::Match), ("no_match", Expectation::NoMatch)] {
        let list = map.and_then(|map| map.get(key));
        let list = list.map_or(&[][..], |node| reader.list(node, &format!("`{key}`")));
        if list.is_empty() {
            reader.note(map.map_or(place, |map| map.place), missing(key));
        }
        items.extend(list.iter().map(|node| (expectation, node)));
    }
    if items.len() > limit::TEST_EVENTS {
        let bound = limit::TEST_EVENTS as u64;
        reader.note(place, Fault::TooMuch { what: "the number of test events", bound });
        items.truncate(limit::TEST_EVENTS);
    }
    items
}

/// Where the deed stands that makes the rule fire on a real kernel: `scenario` under `tests:`. Other faults of `tests:` are
/// noted by [`listed`].
pub(crate) fn scenario(reader: &mut Reader, tests: Option<&Node>) -> Option<Arc<str>> {
    let Content::Map(entries) = &tests?.content else { return None };
    let entry = entries.iter().find(|entry| entry.key == "scenario")?;
    reader.text(&entry.value, "`scenario`").map(Arc::from)
}

/// When test events happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventClock {
    now: Timestamp,
    // Events come one after another, and may say how long.
    runs: bool,
}

impl EventClock {
    /// Of an event that is alone.
    pub(crate) const ALONE: Self = Self { now: Timestamp::EPOCH, runs: false };
    /// Of events in a sequence, before its first.
    pub(crate) const SEQUENCE: Self = Self { now: Timestamp::EPOCH, runs: true };

    /// The event's time, as its `@timestamp` or `after` says.
    fn advance(&mut self, reader: &mut Reader, map: Map<'_>) -> Timestamp {
        let time = map.get("@timestamp").and_then(|node| Some((node, read_time(reader, node)?)));
        match time {
            Some((node, time)) if self.runs && time < self.now => {
                reader.expected(node, "`@timestamp`", "no earlier than the event before it");
            }
            Some((_, time)) => self.now = time,
            None => {}
        }
        if let Some(node) = map.get("after").filter(|_| self.runs) {
            if time.is_some() {
                reader.expected(node, "`after`", "left out where there is a `@timestamp`");
            } else if let Some(span) = SpanUse::After.read(reader, node) {
                self.now = Timestamp::from_nanos(self.now.as_nanos().saturating_add(nanos(span)));
            }
        }
        self.now
    }
}

fn nanos(span: Duration) -> i128 {
    i128::try_from(span.as_nanos()).unwrap_or(i128::MAX)
}

fn read_time(reader: &mut Reader, node: &Node) -> Option<Timestamp> {
    let text = node.as_scalar().map(|scalar| Value::String(scalar.text.clone()));
    let time = text.and_then(|text| serde_json::from_value(text).ok());
    if time.is_none() {
        reader.note(node.place, Fault::Event(RecordError::Time));
    }
    time
}

/// Reads an event; `category` is that of one that does not say. Every key by itself, so that each fault is told at its
/// own place.
pub(crate) fn read_event(
    reader: &mut Reader,
    node: &Node,
    category: Option<Category>,
    clock: &mut EventClock,
) -> Option<Record> {
    let map = reader.map(node, "a test event")?;
    let time = clock.advance(reader, map);
    let category = own_category(reader, map, category)?;
    let mut event = Record::new(category, time);
    let fields = map.entries.iter().filter(|entry| match entry.key.as_str() {
        "category" | "@timestamp" => false,
        "after" => !clock.runs,
        _ => true,
    });
    for entry in fields {
        match read_field(entry, category) {
            Ok(Some((field, _))) if !field.is_of(category.kind()) => {
                reader.note(entry.place, Fault::FieldOfOthers { field, category });
            }
            Ok(Some((field, value))) => event.set(field, value),
            Ok(None) => {}
            Err((place, error)) => reader.note(place, Fault::Event(error)),
        }
    }
    Some(event)
}

fn own_category(reader: &mut Reader, map: Map<'_>, category: Option<Category>) -> Option<Category> {
    let named = match map.get("category") {
        Some(node) => reader.text(node, "`category`").map(|name| (node.place, Category::from_name(name)))?,
        None => (map.place, category),
    };
    if named.1.is_none() {
        reader.note(named.0, Fault::Event(RecordError::Category));
    }
    named.1
}

type FieldValue = (Field, rampart_model::Value<'static>);

fn read_field(entry: &Entry, category: Category) -> Result<Option<FieldValue>, (Place, RecordError)> {
    let field = Field::from_name(&entry.key).map_err(|unknown| (entry.place, unknown.into()))?;
    let value = match &entry.value.content {
        Content::Scalar(scalar) => json_of(scalar),
        Content::List(items) if field.is_list() => {
            items.iter().map(|item| item.as_scalar().map_or(Value::Null, json_of)).collect()
        }
        _ => {
            let found = entry.value.describe().to_owned();
            return Err((entry.value.place, RecordError::Type { field, expected: "one value", found }));
        }
    };
    let mut json = Json::new();
    json.insert("category".to_owned(), category.name().into());
    json.insert(entry.key.clone(), value);
    let record = Record::from_json(&Value::Object(json)).map_err(|error| (entry.value.place, error))?;
    Ok(record.get(field).map(|value| (field, value.clone())))
}

fn json_of(scalar: &Scalar) -> Value {
    match scalar.kind {
        ScalarKind::Null => Value::Null,
        // Records take numbers and booleans as text, too; text is what keeps their spelling.
        _ => Value::String(scalar.text.clone()),
    }
}
