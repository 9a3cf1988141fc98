use std::time::Instant;

use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::{LogSource, parse_sigma_yaml};
use serde_json::Value as Json;

use super::{Contender, Loading};
use crate::corpus::event::Sample;

struct Rsigma {
    engine: Engine,
    events: Vec<(Json, LogSource)>,
}

impl Contender for Rsigma {
    fn evaluate(&mut self, number: usize) -> usize {
        let (json, source) = &self.events[number];
        // What it offers to sort rules by their category, as the others do.
        self.engine.evaluate_with_logsource(&JsonEvent::borrow(json), source).len()
    }
}

pub(super) fn load(
    rules: &[String],
    samples: &[Sample],
    bloom: bool,
    automaton: bool,
) -> (Box<dyn Contender>, Loading) {
    let text = rules.join("---\n");
    let begin = Instant::now();
    let collection = parse_sigma_yaml(&text).expect("the peer takes every rule");
    let parse = begin.elapsed();
    assert_eq!(collection.rules.len(), rules.len(), "every rule is taken");
    let begin = Instant::now();
    let mut engine = Engine::new();
    engine.set_bloom_prefilter(bloom);
    engine.set_cross_rule_ac(automaton);
    engine.add_collection(&collection).expect("the peer takes every rule");
    let compile = begin.elapsed();
    let source = |json: &Json| LogSource {
        category: json.get("category").and_then(Json::as_str).map(str::to_owned),
        product: Some("linux".to_owned()),
        ..LogSource::default()
    };
    let events = samples.iter().map(|sample| (sample.json.clone(), source(&sample.json))).collect();
    (Box::new(Rsigma { engine, events }), Loading { parse, compile })
}
