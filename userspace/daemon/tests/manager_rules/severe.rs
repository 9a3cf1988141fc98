//! Several findings together.

use std::sync::Arc;

use rampart_model::{RuleRef, Severity, Technique};
use rampart_testkit::sample;

use crate::{arrival::Arrival, manager::Manager, ruleset::rules, telling};

const DIFFERENT: u32 = 119_900;
const SPREAD: u32 = 119_901;

/// A rule that the file does not know, of one technique.
fn rule(id: &str, technique: &str, severity: Severity) -> RuleRef {
    let technique = Technique { id: technique.into(), name: "N".into(), tactics: Vec::new() };
    RuleRef { id: id.into(), severity, techniques: [technique].into(), ..sample::rule() }
}

/// By which rule the last of several findings is told: each by its rule, node and time.
fn last(findings: &[(&RuleRef, &str, u64)]) -> u32 {
    let mut manager = Manager::new(rules());
    let ids = findings
        .iter()
        .map(|(rule, node, seconds)| manager.receive(Arrival::of_rule(rule, node).at(*seconds)).unwrap().id);
    ids.last().unwrap()
}

#[test]
fn severe_findings_of_different_rules_on_one_node_belong_together() {
    let [a, b, c] = ["a", "b", "c"].map(|id| rule(id, &format!("T100{id}"), Severity::High));
    let mild = rule("d", "T1000", Severity::Medium);
    assert_eq!(last(&[(&a, "n", 0), (&b, "n", 100), (&c, "n", 300)]), DIFFERENT);
    for (what, findings) in [
        ("two", [(&a, "n", 0), (&a, "n", 1), (&b, "n", 2)]),
        ("one rule", [(&a, "n", 0), (&a, "n", 1), (&a, "n", 2)]),
        ("too slow", [(&a, "n", 0), (&b, "n", 250), (&c, "n", 301)]),
        ("two nodes", [(&a, "m", 0), (&b, "n", 1), (&c, "n", 2)]),
        ("mild", [(&a, "n", 0), (&b, "n", 1), (&mild, "n", 2)]),
    ] {
        let together = last(&findings) == DIFFERENT;
        assert_eq!(together, what == "two", "{what}");
    }
}

#[test]
fn one_technique_on_several_nodes_belongs_together() {
    let [a, b] = ["a", "b"].map(|id| rule(id, "T1611", Severity::Critical));
    let other = rule("c", "T1496", Severity::Critical);
    assert_eq!(last(&[(&a, "m", 0), (&b, "n", 600)]), SPREAD);
    for findings in
        [[(&a, "m", 0), (&b, "n", 601)], [(&a, "n", 0), (&b, "n", 1)], [(&a, "m", 0), (&other, "n", 1)]]
    {
        assert_eq!(last(&findings), 117_014, "{findings:?}");
    }
}

/// Together they weigh no less than the last alone.
#[test]
fn no_rule_of_ours_is_told_with_less_because_of_others() {
    let before = [rule("a", "T1", Severity::High), rule("b", "T2", Severity::High)].map(Arc::new);
    let severe: Vec<_> = telling().into_iter().filter(|rule| rule.severity >= Severity::High).collect();
    assert!(!severe.is_empty());
    for last in severe {
        let mut manager = Manager::new(rules());
        for one in &before {
            manager.receive(Arrival::of_rule(one, "n")).unwrap();
        }
        let alert = manager.receive(Arrival::of_rule(&last, "n")).unwrap();
        assert_eq!((alert.id, alert.level), (DIFFERENT, 15), "{}", last.title);
    }
}
