//! Findings as JSON with the field names of the Elastic Common Schema 8; what ECS lacks is under `rampart.`.

mod action;
mod assessment;
mod call;
mod file_change;
mod health;
mod process;

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

use self::{action::action, process::process};
use crate::{
    Completeness, Context, ControlRef, Event, Finding, Repeated, RuleRef, SCHEMA_VERSION, Severity, Subject,
    Technique,
};

/// Version of ECS whose names are used.
const ECS_VERSION: &str = "8.17";

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Finding {
    /// The JSON form, one object.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut out = match &self.subject {
            Subject::Runtime { event, rule, context } => runtime(event, rule, context),
            Subject::Assessment(assessment) => assessment::assessment(assessment),
            Subject::File(change) => file_change::file_change(change),
            Subject::Health(health) => health::health(health, self.severity()),
        };
        put(&mut out, "@timestamp", json!(self.time));
        put(&mut out, "ecs.version", json!(ECS_VERSION));
        put(&mut out, "event.id", json!(self.id));
        put(&mut out, "host.name", json!(self.node));
        put(&mut out, "rampart.schema", json!(SCHEMA_VERSION));
        Json::Object(out)
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.subject {
            Subject::Runtime { event, rule, context } => sentence(event, rule, context),
            Subject::Assessment(assessment) => assessment.message(),
            Subject::File(change) => change.message(),
            Subject::Health(health) => health::message(health),
        }
    }
}

fn sentence(event: &Event, rule: &RuleRef, context: &Context) -> String {
    let mut sentence = format!("{}: {}", rule.title, deed(event));
    if let Some(correlation) = &context.correlation {
        write!(sentence, " ({})", correlation.measured).unwrap_or_default();
    }
    if let Some(Repeated { count, .. }) = context.repeated {
        let times = if count == 1 { "once more".to_owned() } else { format!("{count} times more") };
        write!(sentence, " ({times})").unwrap_or_default();
    }
    sentence
}

fn runtime(event: &Event, rule: &RuleRef, context: &Context) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "message", json!(sentence(event, rule, context)));
    put(&mut out, "event.kind", json!("alert"));
    severity(&mut out, rule.severity);
    put(&mut out, "rule.id", json!(rule.id));
    put(&mut out, "rule.name", json!(rule.title));
    put(&mut out, "rule.description", json!(rule.description));
    if let Some(link) = rule.references.first() {
        put(&mut out, "rule.reference", json!(link));
    }
    threat(&mut out, &rule.techniques);
    controls(&mut out, &rule.controls);
    process(&mut out, &event.process, event.thread_id);
    action(&mut out, event);
    belonging(&mut out, event, context);
    match context.completeness {
        Completeness::Complete => {}
        Completeness::Incomplete => put(&mut out, "rampart.completeness", json!("incomplete")),
        Completeness::Completed => put(&mut out, "rampart.completeness", json!("completed")),
    }
    out
}

/// `event.start` and `event.end` where the finding stands for more than one moment.
fn belonging(out: &mut Map<String, Json>, event: &Event, context: &Context) {
    if let Some(correlation) = &context.correlation {
        let group: Map<_, _> =
            correlation.group.iter().map(|same| (same.name.to_string(), json!(same.value))).collect();
        put(out, "rampart.correlation.group", Json::Object(group));
        put(out, "rampart.correlation.matches", json!(correlation.matches));
        put(out, "rampart.correlation.measured", json!(correlation.measured));
    }
    if let Some(repeated) = &context.repeated {
        put(out, "rampart.repeated.count", json!(repeated.count));
    }
    let repeated = context.repeated.map(|repeated| repeated.first);
    if let Some(first) = repeated.or_else(|| Some(context.correlation.as_ref()?.first)) {
        put(out, "event.start", json!(first));
        put(out, "event.end", json!(event.time));
    }
}

fn controls(out: &mut Map<String, Json>, controls: &[ControlRef]) {
    for control in controls {
        let ids = out.entry("rampart").or_insert_with(|| json!({}));
        push(ids, &["controls", control.framework.name()], json!(control.id));
    }
}

fn threat(out: &mut Map<String, Json>, techniques: &[Technique]) {
    if techniques.is_empty() {
        return;
    }
    put(out, "threat.framework", json!("MITRE ATT&CK"));
    let column = |value: fn(&Technique) -> Json| techniques.iter().map(value).collect::<Vec<_>>();
    put(out, "threat.technique.id", json!(column(|technique| json!(technique.id))));
    put(out, "threat.technique.name", json!(column(|technique| json!(technique.name))));
    let mut tactics: Vec<_> = techniques.iter().flat_map(|technique| &technique.tactics).collect();
    tactics.dedup();
    put(out, "threat.tactic.id", json!(tactics.iter().map(|tactic| &tactic.id).collect::<Vec<_>>()));
    put(out, "threat.tactic.name", json!(tactics.iter().map(|tactic| &tactic.name).collect::<Vec<_>>()));
}

fn severity(out: &mut Map<String, Json>, severity: Severity) {
    put(out, "event.severity", json!(severity.score()));
    put(out, "rampart.severity", json!(severity));
}

/// What the process did, in words.
fn deed(event: &Event) -> String {
    let process = &event.process;
    format!("{} (pid {}) {}", process.name, process.key.pid, event.summary())
}

/// Puts a value at a dotted path.
fn put(out: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            out.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            if let Json::Object(inner) = out.entry(first).or_insert_with(|| json!({})) {
                put(inner, rest, value);
            }
        }
    }
}

/// Adds a value to the list at a path.
fn push(at: &mut Json, path: &[&str], value: Json) {
    match (path, at) {
        ([first, rest @ ..], Json::Object(map)) => {
            let empty = || if rest.is_empty() { json!([]) } else { json!({}) };
            push(map.entry(*first).or_insert_with(empty), rest, value);
        }
        ([], Json::Array(list)) => list.push(value),
        _ => {}
    }
}
