//! Rules, each with events of its own: one that it is made for, and others that are nearly so.

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};

use crate::{
    condition,
    event::{self, Choice as _, Event},
    item::{self, Item},
};

/// A rule and its events.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) id: String,
    /// What it has of Sigma.
    pub(crate) labels: Vec<&'static str>,
    /// The rule, and behind it the filter on it, if it has one.
    pub(crate) documents: Vec<Json>,
    pub(crate) events: Vec<Event>,
}

/// How many events a rule has: the first is what it was made from.
const EVENTS: usize = 4;

/// The case of a number, always the same one.
pub(crate) fn of(number: u64) -> Case {
    let rng = &mut Rng::with_seed(0x5169_6d61 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let category = rng.one_of(event::CATEGORIES);
    let mut first = event::any(rng, category);
    let mut selections = Selections::default();
    let count = rng.usize(1..5);
    let mut names = condition::names(rng, count);
    let (label, condition) = condition::any_or_list(rng, &names);
    // The product holds a selection that nothing looks at for a mistake.
    names.retain(|name| condition::mentions(&condition, name));
    let detection: Map<String, Json> =
        names.iter().map(|name| (name.clone(), selections.any(rng, &mut first))).collect();
    selections.labels.push(label);
    let id = id(number);
    let mut documents = vec![rule(&id, category, detection, condition)];
    // The peer takes a filter's selections for the rule's own where a pattern fits them.
    let text = documents[0]["detection"]["condition"].to_string();
    if rng.u32(0..6) == 0 && !text.contains("of *") && !text.contains("of _") {
        documents.push(selections.filter(rng, &mut first, &id, category));
    }
    let mut events = vec![first];
    while events.len() < EVENTS {
        events.push(event::near(rng, &events[0], &selections.fields));
    }
    let Selections { mut labels, .. } = selections;
    labels.sort_unstable();
    labels.dedup();
    Case { id, labels, documents, events }
}

/// A UUID with the number in it.
pub(crate) fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// A rule with everything that the product asks of one.
pub(crate) fn rule(id: &str, category: &str, mut detection: Map<String, Json>, condition: Json) -> Json {
    detection.insert("condition".to_owned(), condition);
    json!({
        "title": format!("Rule {id}"),
        "id": id,
        "description": "Made to be compared.",
        "level": "low",
        "logsource": { "product": "linux", "category": category },
        "detection": detection,
    })
}

#[derive(Default)]
struct Selections {
    labels: Vec<&'static str>,
    /// What near misses change.
    fields: Vec<String>,
    /// What they leave alone: of it the engines may differ about what is nearly so.
    fragile: Vec<String>,
}

impl Selections {
    fn any(&mut self, rng: &mut Rng, event: &mut Event) -> Json {
        match rng.u32(0..12) {
            0 => match item::keywords(rng, event) {
                Some(keywords) => {
                    self.labels.push("keywords");
                    if rng.u32(0..4) == 0 { json!({ "|contains": keywords }) } else { json!(keywords) }
                }
                None => self.map(rng, event),
            },
            1 | 2 => {
                self.labels.push("list of maps");
                let count = rng.usize(1..4);
                (0..count).map(|_| self.map(rng, event)).collect()
            }
            _ => self.map(rng, event),
        }
    }

    fn map(&mut self, rng: &mut Rng, event: &mut Event) -> Json {
        let count = rng.one_of([1, 1, 1, 2, 2, 3]);
        let mut map = Map::new();
        for _ in 0..count {
            let item = item::any(rng, event);
            self.note(&item);
            map.insert(item.key(), item.value);
        }
        Json::Object(map)
    }

    fn note(&mut self, item: &Item) {
        self.labels.push(item.label);
        if item.label.starts_with("base64offset") || item.label == "number for text" {
            self.fragile.push(item.field.clone());
        }
        self.fields.push(item.field.clone());
        if let ("fieldref", Json::String(other)) = (item.label, &item.value) {
            self.fields.push(other.clone());
        }
        self.fields.retain(|field| !self.fragile.contains(field));
    }

    /// A filter without `of`, whose names the peer does not find in a filter.
    fn filter(&mut self, rng: &mut Rng, event: &mut Event, rule: &str, category: &str) -> Json {
        let selection = self.map(rng, event);
        let condition = rng.one_of(["not selection", "not selection", "selection"]);
        self.labels.push("filter");
        json!({
            "title": format!("Filter on {rule}"),
            "id": rule.replacen("4000", "4001", 1),
            "description": "Made to be compared.",
            "logsource": { "product": "linux", "category": category },
            "filter": { "rules": [rule], "selection": selection, "condition": condition },
        })
    }
}
