//! The policies that come with rampart, as a whole.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{collections::BTreeSet, path::Path};

use rampart_model::{FileCall, FileOperation, Framework, OpenFlags, RuleRef};
use rampart_policy::{Expectation, Loaded, Mode, Origin, Rule, RuleSet, embedded, load_dir};
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
    // Parts of correlations answer nothing by themselves.
    for rule in folder().rules.rules().iter().filter(|rule| !rule.silent) {
        for expectation in [Expectation::Match, Expectation::NoMatch] {
            assert!(rule.tests.iter().any(|test| test.expectation == expectation), "{}", rule.origin);
        }
        let frameworks: BTreeSet<Framework> = rule.reference.controls.iter().map(|c| c.framework).collect();
        assert!(frameworks.len() >= 3, "{}: {frameworks:?}", rule.origin);
        assert!(!rule.reference.techniques.is_empty(), "{}", rule.origin);
        assert!(!rule.false_positives.is_empty(), "{}", rule.origin);
    }
}

/// The rules and correlations that raise findings: what each says of itself, its scenario, and where it stands.
fn telling(loaded: &Loaded) -> Vec<(&RuleRef, Option<&str>, &Origin)> {
    let rules = loaded.rules.rules().iter().filter(|rule| !rule.silent);
    let correlations = loaded.rules.correlations().iter().filter(|correlation| !correlation.silent);
    let rules = rules.map(|rule| (&*rule.reference, rule.scenario.as_deref(), &rule.origin));
    rules.chain(correlations.map(|one| (&*one.reference, one.scenario.as_deref(), &one.origin))).collect()
}

/// The scenarios stand beside each other as the rules do: `<tactic>/<name>.yml` (tests/e2e/detections).
#[test]
fn every_rule_has_its_scenario() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (rule, scenario, origin) in telling(&folder()) {
        let (_, name) = origin.file.split_once("policies/runtime/").unwrap();
        let expected = format!("tests/e2e/detections/{name}");
        assert_eq!(scenario, Some(expected.as_str()), "{}: {}", origin, rule.title);
        assert!(root.join(&expected).is_file(), "{expected}");
    }
}

/// Whoever reads a finding alone must learn what it means and what to do: not in one sentence.
#[test]
fn every_rule_explains_itself() {
    let loaded = folder();
    let mut titles = BTreeSet::new();
    for (rule, _, origin) in telling(&loaded) {
        let sentences = rule.description.split_inclusive(". ").flat_map(|part| part.split_inclusive(".\n"));
        assert!(sentences.count() >= 2, "{origin}");
        assert!(titles.insert(&rule.title), "{origin}: {} is another rule's title", rule.title);
        assert!(!rule.references.is_empty(), "{origin}");
        assert!(!rule.techniques.is_empty(), "{origin}");
    }
}

/// Of such files the kernel would tell all day, on any node.
#[test]
fn no_rule_watches_what_is_always_touched() {
    const READ: [&str; 6] =
        ["/etc/passwd", "/etc/hosts", "/usr/lib/x.so", "/proc/1/stat", "/tmp/x", "/var/log/x"];
    const CHANGED: [&str; 5] = ["/tmp/x", "/var/tmp/x", "/var/lib/x", "/run/x", "/home/user/x"];
    let watch = folder().rules.watch();
    let wants = |path: &str, operation| watch.wants_file(&FileCall { path: path.into(), operation });
    for path in READ {
        assert!(!wants(path, FileOperation::Open(OpenFlags(0))), "reads of {path}");
    }
    for path in CHANGED {
        assert!(!wants(path, FileOperation::Unlink), "changes of {path}");
    }
}

/// One thing that happens is reported once.
#[test]
fn no_test_event_fires_two_rules() {
    let loaded = folder();
    // Without correlations: what they make of several events is another thing.
    let rules: RuleSet = loaded.rules.rules().iter().map(|rule| Rule::clone(rule)).collect();
    let mut engine = Engine::compile(&rules);
    let mut doubled = Vec::new();
    for rule in rules.rules() {
        for test in &rule.tests {
            let titles: Vec<_> = engine.evaluate(&test.event).iter().map(|rule| rule.title.clone()).collect();
            if titles.len() > 1 {
                doubled.push(format!("{}:{}: {titles:?}", rule.origin.file, test.place));
            }
        }
    }
    assert_eq!(lines(doubled), "");
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
