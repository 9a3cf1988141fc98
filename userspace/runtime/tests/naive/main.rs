//! Rules as they are compiled, against rules as they are written: the slow way, by the definitions.

#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "what a test needs is there, or the test fails")]

mod definition;
mod generate;

use proptest::prelude::*;
use rampart_policy::{Catalogue, Mode, RuleSet, parse_rules};
use rampart_runtime::Engine;

fn rules(detections: &[String]) -> RuleSet {
    let rule = |(number, detection): (usize, &String)| {
        format!(
            "title: T\nid: 00000000-0000-4000-8000-{number:012}\ndescription: D\nlevel: low\n\
             logsource: {{ product: linux, category: network_connection }}\ndetection: {detection}\n"
        )
    };
    let text: Vec<_> = detections.iter().enumerate().map(rule).collect();
    let rules = parse_rules("x.yml", text.join("---\n").as_bytes(), &Catalogue::default(), Mode::Lenient);
    rules.unwrap_or_else(|problems| panic!("{detections:?}: {problems:?}")).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn compiled_and_naive_evaluation_agree(
        detections in prop::collection::vec(generate::detection(), 1..12),
        event in generate::event(),
    ) {
        let rules = rules(&detections);
        let found: Vec<_> = Engine::compile(&rules).evaluate(&event).iter().map(|rule| rule.id.clone()).collect();
        let expected: Vec<_> = rules
            .rules()
            .iter()
            .filter(|rule| definition::matches(&rule.detection, &event))
            .map(|rule| rule.reference.id.clone())
            .collect();
        prop_assert_eq!(found, expected, "{:#?} on {}", detections, event.to_json());
    }

    /// What was seen of one event is forgotten by the next.
    #[test]
    fn events_do_not_know_each_other(
        detections in prop::collection::vec(generate::detection(), 1..12),
        events in prop::collection::vec(generate::event(), 2..5),
    ) {
        let rules = rules(&detections);
        let mut engine = Engine::compile(&rules);
        for event in &events {
            let alone = Engine::compile(&rules).evaluate(event);
            prop_assert_eq!(engine.evaluate(event), alone);
        }
    }
}
