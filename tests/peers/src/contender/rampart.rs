use std::time::Instant;

use rampart_model::{Event, Record};
use rampart_policy::{Catalogue, Mode, RuleSet, limit, parse_rules};
use rampart_runtime::{Engine, Fields};

use super::{Contender, Loading};
use crate::corpus::event::Sample;

struct Rampart<F> {
    engine: Engine,
    events: Vec<F>,
}

impl<F: Fields> Contender for Rampart<F> {
    fn evaluate(&mut self, number: usize) -> usize {
        self.engine.evaluate(&self.events[number]).len()
    }
}

pub(super) fn on_events(rules: &[String], samples: &[Sample]) -> (Box<dyn Contender>, Loading) {
    let (engine, loading) = load(rules);
    let events: Vec<Event> = samples.iter().map(|sample| sample.event.clone()).collect();
    (Box::new(Rampart { engine, events }), loading)
}

pub(super) fn on_records(rules: &[String], samples: &[Sample]) -> (Box<dyn Contender>, Loading) {
    let (engine, loading) = load(rules);
    let events: Vec<Record> = samples.iter().map(|sample| sample.record.clone()).collect();
    (Box::new(Rampart { engine, events }), loading)
}

fn load(rules: &[String]) -> (Engine, Loading) {
    // A file holds only so many.
    let files: Vec<String> = rules.chunks(limit::RULES_PER_FILE).map(|chunk| chunk.join("---\n")).collect();
    let catalogue = Catalogue::default();
    let begin = Instant::now();
    let parsed = files.iter().flat_map(|file| {
        parse_rules("measured.yml", file.as_bytes(), &catalogue, Mode::Lenient)
            .unwrap_or_else(|problems| panic!("{}", problems[0]))
    });
    let set: RuleSet = parsed.collect();
    let parse = begin.elapsed();
    assert_eq!(set.rules().len(), rules.len(), "every rule is taken");
    let begin = Instant::now();
    let engine = Engine::compile(&set);
    (engine, Loading { parse, compile: begin.elapsed() })
}
