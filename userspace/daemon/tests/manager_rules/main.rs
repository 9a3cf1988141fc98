//! The rules for a Wazuh manager (integrations/wazuh): a manager takes them, and makes of each finding what it should.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs is there, or the test fails")]

mod arrival;
mod file;
mod manager;
mod page;
mod ruleset;
mod severe;

use std::{collections::BTreeSet, sync::Arc};

use rampart_model::{
    Completeness, ControlRef, EventKind, Framework, Health, Phase, ProcessKey, RuleRef, Severity, Target, Timestamp,
};
use rampart_policy::embedded;
use rampart_testkit::sample;

use self::{
    arrival::{Arrival, saying},
    manager::Manager,
    ruleset::rules,
};

/// The level that a finding of a severity is told with.
const LEVELS: [(Severity, u8); 5] = [
    (Severity::Informational, 3),
    (Severity::Low, 5),
    (Severity::Medium, 8),
    (Severity::High, 12),
    (Severity::Critical, 15),
];

fn level(severity: Severity) -> u8 {
    LEVELS.into_iter().find(|(of, _)| *of == severity).unwrap().1
}

/// The rules that raise findings.
pub(crate) fn telling() -> Vec<Arc<RuleRef>> {
    let rules = embedded().rules;
    let correlations = rules.correlations().iter().filter(|rule| !rule.silent);
    let rules = rules.rules().iter().filter(|rule| !rule.silent);
    rules.map(|rule| &rule.reference).chain(correlations.map(|rule| &rule.reference)).cloned().collect()
}

/// A control by the name that the manager has for it.
fn control(group: &str) -> Option<ControlRef> {
    let [k8s, linux, nist, pci, hipaa, soc2] = Framework::ALL;
    let prefixes = [
        ("cis_k8s_", k8s),
        ("cis_linux_", linux),
        ("nist_800_53_", nist),
        ("pci_dss_", pci),
        ("hipaa_", hipaa),
        ("tsc_", soc2),
    ];
    prefixes.into_iter().find_map(|(prefix, framework)| {
        let id = group.strip_prefix(prefix)?.to_ascii_lowercase();
        let id = if framework == nist { id.replacen('.', "-", 1) } else { id };
        Some(ControlRef { framework, id: id.into() })
    })
}

#[test]
fn each_of_our_rules_has_one_of_the_managers_to_itself() {
    let manager = Manager::new(rules());
    let mut ids = BTreeSet::new();
    let ours = telling();
    for rule in &ours {
        let alert = manager.judge(&Arrival::of_rule(rule, "node-1")).unwrap();
        assert!(ids.insert(alert.id), "{} has {} with another", rule.title, alert.id);
        assert!((117_100..=119_899).contains(&alert.id), "{}: {}", rule.title, alert.id);
        assert_eq!(alert.level, level(rule.severity), "{}", rule.title);
        assert_eq!(alert.description, format!("Rampart: {}", rule.title));
        let techniques: Vec<_> = rule.techniques.iter().map(|technique| &*technique.id).collect();
        assert_eq!(alert.techniques, techniques, "{}", rule.title);
    }
    let theirs = rules().into_iter().filter(|rule| (117_100..=119_899).contains(&rule.id)).count();
    assert_eq!((ids.len(), theirs), (ours.len(), ours.len()));
}

#[test]
fn the_groups_of_a_rule_are_its_controls_and_no_others() {
    let manager = Manager::new(rules());
    for rule in telling() {
        let alert = manager.judge(&Arrival::of_rule(&rule, "node-1")).unwrap();
        let found: BTreeSet<_> = alert.groups().filter_map(control).collect();
        // An enhancement counts for its control, too.
        let base = |control: &ControlRef| {
            let (base, _) =
                control.id.split_once('.').filter(|_| control.framework == Framework::Nist80053)?;
            Some(ControlRef { framework: control.framework, id: base.into() })
        };
        let named = rule.controls.iter().cloned();
        let expected: BTreeSet<_> = named.chain(rule.controls.iter().filter_map(base)).collect();
        assert_eq!(found, expected, "{}", rule.title);
    }
}

#[test]
fn a_rule_that_is_not_known_has_the_level_of_its_severity() {
    let manager = Manager::new(rules());
    for (id, (severity, level)) in (117_010..).zip(LEVELS) {
        let rule = RuleRef { severity, ..sample::rule() };
        let alert = manager.judge(&Arrival::of_rule(&rule, "node-1")).unwrap();
        assert_eq!((alert.id, alert.level), (id, level), "{severity}");
        assert_eq!(alert.groups().any(|group| group == "rampart_severe"), level >= 12, "{severity}");
    }
}

#[test]
fn a_finding_that_is_told_again_alerts_nobody_again() {
    let manager = Manager::new(rules());
    for (completeness, id) in [(Completeness::Complete, 117_014), (Completeness::Incomplete, 117_014)] {
        let alert = manager.judge(&Arrival::of_completeness(&sample::rule(), completeness)).unwrap();
        assert_eq!(alert.id, id, "{completeness:?}");
    }
    for rule in telling().iter().map(|rule| RuleRef::clone(rule)).chain([sample::rule()]) {
        let alert = manager.judge(&Arrival::of_completeness(&rule, Completeness::Completed)).unwrap();
        assert_eq!((alert.id, alert.level), (117_005, 3), "{}", rule.title);
        assert_eq!(alert.groups().collect::<Vec<_>>(), ["rampart", "rampart_completed"], "{}", rule.title);
    }
}

#[test]
fn a_rule_whose_severity_was_changed_has_the_level_of_the_finding() {
    let manager = Manager::new(rules());
    for rule in telling() {
        let severity = if rule.severity == Severity::Low { Severity::High } else { Severity::Low };
        let alert = RuleRef { severity, ..RuleRef::clone(&rule) };
        assert_eq!(manager.judge(&Arrival::of_rule(&alert, "node-1")).unwrap().level, level(severity));
    }
}

#[test]
fn the_agents_own_trouble_is_told_by_what_it_means() {
    let (began, ended) = (Phase::Began { count: 1 }, Phase::Ended { count: 2, seconds: 3 });
    let lost = |phase| Health::EventsLost { kind: EventKind::Exec, stage: "ring", phase };
    let dropped = |phase| Health::FindingsDropped { sink: "wazuh".into(), phase };
    let unavailable = |phase| Health::SpoolUnavailable { error: "E".into(), phase };
    let limited = |phase| Health::FindingsLimited { rule: Arc::new(sample::rule()), phase };
    let process = || Target::Key(ProcessKey { pid: 7, start_ns: 8 });
    let summarised = |phase| Health::EventsSummarised { process: process(), kind: EventKind::Connect, phase };
    let expired = Timestamp::from_nanos(0);
    let manager = Manager::new(rules());
    for (health, id, level) in [
        (Health::RuleRefused { error: "E".to_owned() }, 117_002, 7),
        (Health::ReloadRefused { error: "E".to_owned() }, 117_002, 7),
        (Health::ExceptionExpired { title: "T".into(), owner: None, expired }, 117_002, 7),
        (limited(began), 117_002, 7),
        (lost(began), 117_020, 10),
        (Health::ModuleEnded { module: "m", error: "E".into() }, 117_021, 11),
        (dropped(began), 117_024, 10),
        (dropped(ended), 117_023, 3),
        (unavailable(began), 117_025, 8),
        (unavailable(ended), 117_023, 3),
        (summarised(began), 117_022, 8),
        (lost(ended), 117_023, 3),
        (limited(ended), 117_023, 3),
        (summarised(ended), 117_023, 3),
    ] {
        let alert = manager.judge(&Arrival::of_health(health.clone())).unwrap();
        assert_eq!((alert.id, alert.level), (id, level), "{health:?}");
        assert!(alert.groups().any(|group| group == "rampart_health"), "{health:?}");
    }
}

#[test]
fn what_the_file_does_not_foresee_is_told_all_the_same() {
    let manager = Manager::new(rules());
    let schema = ("rampart.schema", "9.0");
    for (members, id) in [
        (vec![schema], 117_003),
        (vec![schema, ("rampart.event.kind", "metric")], 117_003),
        (vec![schema, ("rampart.event.kind", "alert")], 117_019),
        (vec![schema, ("rampart.event.kind", "alert"), ("rampart.severity", "dire")], 117_019),
        (vec![schema, ("rampart.event.kind", "pipeline_error")], 117_002),
    ] {
        let alert = manager.judge(&saying(&members)).unwrap();
        assert_eq!((alert.id, alert.level >= 3), (id, true), "{members:?}");
    }
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let manager = Manager::new(rules());
    let ours = Arrival::of(&sample::finding());
    assert!(manager.judge(&ours).is_some());
    for location in ["(node-1) any->/var/log/app.json", "(node-1) any->rampart.log", "rampart->syslog"] {
        let forged = Arrival { location: location.to_owned(), ..ours.clone() };
        assert!(manager.judge(&forged).is_none(), "{location}");
    }
    for members in [&[("rampart.event.kind", "alert")][..], &[("schema", "1.0")], &[("rampart.schema", "")]] {
        assert!(manager.judge(&saying(members)).is_none(), "{members:?}");
    }
}
