//! An event that matches nothing costs no allocation, whatever rules look at.

#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "what a test needs is there, or the test fails")]

use std::{fmt::Write as _, sync::Arc, time::Duration};

use allocation_counter::measure;
use rampart_model::{Category, Field, FieldType};
use rampart_policy::{Catalogue, Mode, RuleSet, embedded, parse};
use rampart_runtime::{AlertConfig, Detector, Engine};
use rampart_testkit::sample;

/// Rules of every category on every field, by which no sample is meant.
fn rules() -> RuleSet {
    let mut text = String::new();
    for category in Category::ALL {
        for field in Field::ALL.iter().filter(|field| field.is_of(category.kind())) {
            let tests: &[&str] = match field.field_type() {
                FieldType::Text => &[
                    ": nobody",
                    "|contains: nobody",
                    "|endswith: nobody",
                    "|re: 'n[obd]+y$'",
                    "|re: '^[x-z]{9}'",
                ],
                FieldType::Number => &[": -5", "|lt: -5", "|contains: '-5'"],
                FieldType::Ip => &[": 203.0.113.77", "|cidr: 203.0.113.64/26", "|startswith: 203.0.113.7"],
                FieldType::Bool => &[": true, CommandLine|re: 'nobo[d]y'"],
            };
            for test in tests {
                let number = text.len();
                write!(
                    text,
                    "---\ntitle: T{number}\nid: 00000000-0000-4000-8000-{number:012}\n\
                     logsource: {{ product: linux, category: {category} }}\n\
                     detection: {{ a: {{ '{field}{test} }}, b: {{ Image|exists: true }}, condition: a and b }}\n",
                    test = test.replacen(':', "':", 1)
                )
                .unwrap_or_default();
            }
        }
    }
    // As many files as the bound on rules in one asks for.
    let documents: Vec<_> = text.split("---\n").skip(1).collect();
    let parsed = documents.chunks(200).flat_map(|chunk| {
        let rules = parse("x.yml", chunk.join("---\n").as_bytes(), &Catalogue::default(), Mode::Lenient);
        let rules = rules.unwrap_or_else(|problems| panic!("{problems:?}"));
        rules.rules().iter().map(|rule| rampart_policy::Rule::clone(rule)).collect::<Vec<_>>()
    });
    parsed.collect()
}

/// The rules that come with rampart, without correlations: those count what their parts match, and keep it.
fn own_rules() -> RuleSet {
    embedded().rules.rules().iter().map(|rule| rampart_policy::Rule::clone(rule)).collect()
}

#[test]
fn an_event_that_matches_nothing_allocates_nothing() {
    let (mut quiet, mut judged) = (0, 0);
    for rules in [rules(), own_rules()] {
        // What matches is told each time, and so not taken for what matches nothing.
        let config = AlertConfig { fold: Duration::ZERO, rate: None };
        let mut detector = Detector::new("node".into(), Engine::compile(&rules), config);
        for event in sample::all_events().into_iter().map(Arc::new) {
            judged += 1;
            // Regular expressions and buffers come to their size by the first event.
            if !detector.detect(&event).is_empty() {
                continue;
            }
            quiet += 1;
            let info = measure(|| assert!(detector.detect(&event).is_empty()));
            assert_eq!(info.count_total, 0, "{:?}", event.action);
        }
    }
    assert!(quiet * 2 > judged, "{quiet} of {judged}");
}
