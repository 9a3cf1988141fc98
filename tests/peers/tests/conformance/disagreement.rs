//! What the two engines are known to answer differently: `disagreements.yml`, which says why.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::{
    case,
    event::Event,
    peer,
    product::{self, Answers, Verdict},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disagreement {
    name: String,
    why: String,
    category: Option<String>,
    detection: Option<Map<String, Json>>,
    documents: Option<Vec<Json>>,
    events: Vec<Event>,
    ours: Answer,
    theirs: Answer,
}

/// What an engine makes of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Answer {
    /// It fires at these events.
    At(BTreeSet<usize>),
    /// `refused`: it does not take the rule.
    Word(String),
}

impl Answer {
    fn refused() -> Self {
        Self::Word("refused".to_owned())
    }

    /// Where the rule of that id fires.
    fn of(answers: &Answers, id: &str) -> Self {
        Self::At(answers.iter().filter(|(_, rule)| rule == id).map(|(place, _)| *place).collect())
    }
}

impl Disagreement {
    fn documents(&self) -> Vec<Json> {
        let category = self.category.as_deref().unwrap_or("process_creation");
        match (&self.detection, &self.documents) {
            (Some(detection), None) => {
                let mut detection = detection.clone();
                let condition = detection.remove("condition").expect("a detection has a condition");
                vec![case::rule(&case::id(1), category, detection, condition)]
            }
            (None, Some(documents)) => documents.clone(),
            _ => panic!("{}: either a detection or documents", self.name),
        }
    }

    /// A second apart, with what every event has.
    fn events(&self) -> Vec<Event> {
        let category = self.category.as_deref().unwrap_or("process_creation");
        let all = self.events.iter().enumerate().map(|(number, own)| {
            let time = format!("2026-01-02T03:04:{number:02}Z");
            let common = json!({ "category": category, "@timestamp": time, "User": "root" });
            let Json::Object(mut event) = common else { unreachable!("it is written as one") };
            event.extend(own.clone());
            event
        });
        all.collect()
    }
}

fn ours(documents: &[Json], events: &[&Event], id: &str) -> Answer {
    let Verdict { answers, refusals } = product::ask(&[documents.to_vec()], events);
    let answer = Answer::of(&answers, id);
    if answer == Answer::At(BTreeSet::new()) && !refusals.is_empty() { Answer::refused() } else { answer }
}

fn theirs(documents: &[Json], events: &[&Event], id: &str) -> Answer {
    peer::ask_in_order(documents, events)
        .map_or_else(|_| Answer::refused(), |answers| Answer::of(&answers, id))
}

#[test]
fn what_is_answered_differently_is_known() {
    let text = include_str!("disagreements.yml");
    let mut value: yaml_serde::Value = yaml_serde::from_str(text).expect("YAML");
    value.apply_merge().expect("merges of maps");
    let all: Vec<Disagreement> = yaml_serde::from_value(value).expect("disagreements");
    let mut wrong = Vec::new();
    for case in &all {
        assert!(!case.why.is_empty() && case.ours != case.theirs, "{}: no disagreement", case.name);
        let (documents, events) = (case.documents(), case.events());
        let events: Vec<&Event> = events.iter().collect();
        let id = documents[0]["id"].as_str().expect("the first document has an id").to_owned();
        let answers = (ours(&documents, &events, &id), theirs(&documents, &events, &id));
        if answers != (case.ours.clone(), case.theirs.clone()) {
            wrong.push(format!("{}: ours {:?}, theirs {:?}", case.name, answers.0, answers.1));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
