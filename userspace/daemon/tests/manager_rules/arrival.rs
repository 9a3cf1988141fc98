//! Findings as they arrive at a manager: fields by dotted name.

use std::{collections::BTreeMap, sync::Arc};

use rampart_bus::Encode as _;
use rampart_model::{Completeness, Context, Event, EventKind, Finding, Health, RuleRef, Subject};
use rampart_sinks::wazuh::WazuhEncoder;
use rampart_testkit::sample;
use serde_json::{Map, Value as Json, json};

/// What the manager's decoder makes of an event.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) location: String,
    pub(crate) agent: String,
    /// When.
    pub(crate) seconds: u64,
    pub(crate) fields: BTreeMap<String, String>,
}

impl Arrival {
    pub(crate) fn new(document: &Json) -> Self {
        let mut fields = BTreeMap::new();
        flatten("", document, &mut fields);
        let agent = fields.get("rampart.host.name").cloned().unwrap_or_default();
        Self { location: format!("({agent}) any->rampart"), agent, seconds: 0, fields }
    }

    pub(crate) fn at(self, seconds: u64) -> Self {
        Self { seconds, ..self }
    }

    pub(crate) fn of(finding: &Finding) -> Self {
        Self::new(&document(finding))
    }

    pub(crate) fn of_health(health: Health) -> Self {
        Self::of(&Finding { subject: Subject::Health(health), ..sample::finding() })
    }

    pub(crate) fn of_event(event: Event) -> Self {
        Self::of(&Finding { subject: runtime(event, sample::rule()), ..sample::finding() })
    }

    pub(crate) fn of_completeness(rule: &RuleRef, completeness: Completeness) -> Self {
        let event = Arc::new(sample::event(EventKind::Exec));
        let context = Context { completeness, ..Context::default() };
        let subject = Subject::Runtime { event, rule: Arc::new(rule.clone()), context };
        Self::of(&Finding { subject, ..sample::finding() })
    }

    pub(crate) fn of_rule(rule: &RuleRef, node: &str) -> Self {
        let subject = runtime(sample::event(EventKind::Exec), rule.clone());
        Self::of(&Finding { node: node.into(), subject, ..sample::finding() })
    }
}

fn runtime(event: Event, rule: RuleRef) -> Subject {
    Subject::Runtime { event: Arc::new(event), rule: Arc::new(rule), context: Context::default() }
}

/// What is after the queue and the location.
fn document(finding: &Finding) -> Json {
    let message = WazuhEncoder.encode(finding).unwrap();
    serde_json::from_slice(message.strip_prefix(b"1:rampart:").unwrap()).unwrap()
}

/// The name of an object is not a field, those in it are; of a list the text is one.
fn flatten(name: &str, value: &Json, fields: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(members) => members.iter().for_each(|(member, value)| {
            let dot = if name.is_empty() { "" } else { "." };
            flatten(&format!("{name}{dot}{member}"), value, fields);
        }),
        Json::String(text) => drop(fields.insert(name.to_owned(), text.clone())),
        other => drop(fields.insert(name.to_owned(), other.to_string())),
    }
}

/// A document that says nothing but this.
pub(crate) fn saying(members: &[(&str, &str)]) -> Arrival {
    let members: Map<String, Json> =
        members.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    Arrival::new(&Json::Object(members))
}
