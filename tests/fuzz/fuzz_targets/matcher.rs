//! Rules together and events of any content: a rule matches the same among others as by itself.
//!
//! The input is a rule file, a line of `===`, and events as JSON lines.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use rampart_model::{Record, RuleRef};
use rampart_policy::{Catalogue, Mode, Rule, parse};
use rampart_runtime::Engine;

fuzz_target!(|data: &[u8]| {
    let Some((rules, events)) = std::str::from_utf8(data).ok().and_then(|text| text.split_once("\n===\n"))
    else {
        return;
    };
    let Ok(rules) = parse("fuzz.yml", rules.as_bytes(), &Catalogue::default(), Mode::Lenient) else { return };
    let events: Vec<_> =
        events.lines().filter_map(|line| Record::from_json(&serde_json::from_str(line).ok()?).ok()).collect();
    // With correlations and exceptions, for what they make of any content.
    let mut engine = Engine::compile(&rules);
    for event in &events {
        std::hint::black_box(engine.matches(event));
    }
    let rules: Vec<Rule> =
        rules.rules().iter().map(|rule| Rule { silent: false, ..Rule::clone(rule) }).collect();
    let mut alone: Vec<_> =
        rules.iter().map(|rule| Engine::compile(&std::iter::once(rule.clone()).collect())).collect();
    let mut together = Engine::compile(&rules.into_iter().collect());
    for event in &events {
        let expected: Vec<Arc<RuleRef>> =
            alone.iter_mut().flat_map(|engine| engine.evaluate(event)).collect();
        assert_eq!(together.evaluate(event), expected);
    }
});
