//! The policies that come with rampart, as a whole.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{collections::BTreeSet, path::Path};

use rampart_model::Framework;
use rampart_policy::{Expectation, Loaded, Mode, embedded, load_dir};
use rampart_runtime::{Engine, try_rules};

fn folder() -> Loaded {
    load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies"), Mode::Strict).unwrap()
}

fn lines<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string() + "\n").collect()
}

#[test]
fn the_folder_loads_without_a_problem() {
    let loaded = folder();
    assert_eq!(lines(&loaded.problems), "");
    assert!(!loaded.rules.rules().is_empty());
}

#[test]
fn every_rule_passes_its_tests() {
    let trial = try_rules(&folder().rules);
    assert_eq!(lines(trial.failures), "");
    assert!(trial.passed > 0);
}

#[test]
fn every_rule_is_tested_and_answers_three_frameworks() {
    for rule in folder().rules.rules() {
        for expectation in [Expectation::Match, Expectation::NoMatch] {
            assert!(rule.tests.iter().any(|test| test.expectation == expectation), "{}", rule.origin);
        }
        let frameworks: BTreeSet<Framework> = rule.reference.controls.iter().map(|c| c.framework).collect();
        assert!(frameworks.len() >= 3, "{}: {frameworks:?}", rule.origin);
        assert!(!rule.reference.techniques.is_empty(), "{}", rule.origin);
        assert!(!rule.false_positives.is_empty(), "{}", rule.origin);
    }
}

/// One thing that happens is reported once.
#[test]
fn no_test_event_fires_two_rules() {
    let loaded = folder();
    let mut engine = Engine::compile(&loaded.rules);
    for rule in loaded.rules.rules() {
        for test in &rule.tests {
            let titles: Vec<_> = engine.evaluate(&test.event).iter().map(|rule| rule.title.clone()).collect();
            assert!(titles.len() <= 1, "{}:{}: {titles:?}", rule.origin.file, test.place);
        }
    }
}

#[test]
fn the_binary_has_what_the_folder_has() {
    let ids = |loaded: &Loaded| -> Vec<_> {
        loaded.rules.rules().iter().map(|rule| (rule.reference.clone(), rule.tests.len())).collect()
    };
    let (embedded, folder) = (embedded(), folder());
    assert_eq!(lines(&embedded.problems), "");
    assert_eq!(ids(&embedded), ids(&folder));
    assert_eq!(embedded.catalogue, folder.catalogue);
}
