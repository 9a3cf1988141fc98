use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sigma_rust::{Event, Rule, rule_from_yaml};

use super::{Contender, Loading};
use crate::corpus::event::Sample;

struct SigmaRust {
    /// It has single rules only: sorting them by category is left to who uses it.
    rules: HashMap<String, Vec<Rule>>,
    events: Vec<(String, Event)>,
}

impl Contender for SigmaRust {
    fn evaluate(&mut self, number: usize) -> usize {
        let (category, event) = &self.events[number];
        self.rules.get(category).map_or(0, |rules| rules.iter().filter(|rule| rule.is_match(event)).count())
    }
}

pub(super) fn load(texts: &[String], samples: &[Sample]) -> (Box<dyn Contender>, Loading) {
    let begin = Instant::now();
    let mut rules: HashMap<String, Vec<Rule>> = HashMap::new();
    for text in texts {
        let rule = rule_from_yaml(text).expect("the peer takes every rule");
        rules.entry(rule.logsource.category.clone().unwrap_or_default()).or_default().push(rule);
    }
    // Parsing is all that it does.
    let loading = Loading { parse: begin.elapsed(), compile: Duration::ZERO };
    let events = samples.iter().map(|sample| {
        let category = sample.json["category"].as_str().unwrap_or_default().to_owned();
        (category, sigma_rust::event_from_json(&sample.json.to_string()).expect("the peer takes every event"))
    });
    let events = events.collect();
    (Box::new(SigmaRust { rules, events }), loading)
}
