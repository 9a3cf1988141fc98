//! What becomes of matches: told, counted, left out; and what outlives a reload.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs is there, or the test fails")]

use std::{sync::Arc, time::Duration};

use rampart_model::{Category, Event, EventKind, Field, Finding, Record, Subject, Timestamp};
use rampart_policy::{Catalogue, Mode, RuleSet, parse};
use rampart_runtime::{AlertConfig, Detector, Engine, GROUPS, RateLimit};
use rampart_testkit::sample;

const RULES: &str = "\
title: Exec
id: 00000000-0000-4000-8000-000000000001
name: exec
logsource: { product: linux, category: process_creation }
detection: { a: { ProcessId|gt: 0 }, condition: a }
---
title: Many
id: 00000000-0000-4000-8000-000000000002
correlation: { type: event_count, rules: [exec], group-by: [CommandLine], timespan: 10m, condition: { gte: 3 } }
generate: true
";

fn rules(text: &str) -> RuleSet {
    let rules = parse("rules.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient);
    rules.unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn detector(text: &str, fold: u64, rate: u32) -> Detector {
    let rate = RateLimit::new(rate, Duration::from_mins(1));
    let config = AlertConfig { fold: Duration::from_secs(fold), rate };
    Detector::new("node".into(), Engine::compile(&rules(text)), config)
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_nanos(i128::from(1_767_225_600_000 + second * 1000) * 1_000_000)
}

/// An exec with these arguments at that second.
fn exec(second: u64, arguments: &str) -> Arc<Event> {
    let mut event = sample::event(EventKind::Exec);
    let mut process = (*event.process).clone();
    process.args = arguments.split(' ').collect();
    process.key.pid += u32::try_from(second).unwrap();
    event.process = Arc::new(process);
    event.time = at(second);
    Arc::new(event)
}

/// The rule's title, or the health report's action, and how often it was repeated.
fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(show).collect()
}

fn show(finding: &Finding) -> String {
    match &finding.subject {
        Subject::Runtime { rule, context, .. } => {
            let again = context.repeated.map_or_else(String::new, |repeated| format!(" +{}", repeated.count));
            format!("{}{again}", rule.title)
        }
        Subject::Assessment(_) | Subject::File(_) | Subject::Health(_) => {
            let json = finding.to_json();
            let text =
                |pointer: &str| json.pointer(pointer).map_or_else(String::new, |value| format!(" {value}"));
            let action = json.pointer("/event/action").unwrap().as_str().unwrap().to_owned();
            action + &text("/rampart/limited/count") + &text("/rampart/exception/title")
        }
    }
}

#[test]
fn the_same_is_told_once_and_then_counted() {
    let mut detector = detector(RULES, 60, 0);
    for (second, arguments, expected) in [
        (0, "a", &["Exec"][..]),
        (1, "a", &[]),
        (2, "b", &["Exec"]),
        // The correlation is another rule; it is told by itself.
        (3, "a", &["Many"]),
        (4, "a", &[]),
        (59, "a", &[]),
        // A minute after the first all that came since is told, before what begins anew.
        (60, "a", &["Exec +4", "Exec"]),
        (61, "a", &[]),
    ] {
        assert_eq!(shown(&detector.detect(&exec(second, arguments))), expected, "{second}");
    }
    assert_eq!(shown(&detector.tick(at(62))), Vec::<String>::new());
    assert_eq!(shown(&detector.tick(at(63))), ["Many +4"]);
    assert_eq!(shown(&detector.finish(at(64))), ["Exec +1"]);
    assert_eq!(detector.counters().folded, 9);
}

#[test]
fn a_rule_is_let_through_so_often_and_says_so() {
    let mut detector = detector(RULES, 0, 2);
    for (second, expected) in [
        (0, &["Exec"][..]),
        (1, &["Exec"]),
        (2, &["findings_limited 1"]),
        (3, &[]),
        (60, &["findings_limited_ended 2", "Exec"]),
        (61, &["Exec"]),
        (62, &["findings_limited 1"]),
    ] {
        assert_eq!(shown(&detector.detect(&exec(second, &second.to_string()))), expected, "{second}");
    }
    assert_eq!(shown(&detector.tick(at(119))), Vec::<String>::new());
    assert_eq!(shown(&detector.tick(at(120))), ["findings_limited_ended 1"]);
    assert_eq!(detector.counters().limited, 3);
}

#[test]
fn a_clock_that_is_set_back_hides_nothing() {
    let mut detector = detector(RULES, 60, 2);
    for (second, expected) in [(100_000, &["Exec"][..]), (100_001, &[]), (7, &["Exec +1", "Exec"]), (8, &[])]
    {
        let told = shown(&detector.detect(&exec(second, "a")));
        let told: Vec<_> = told.into_iter().filter(|finding| finding.starts_with("Exec")).collect();
        assert_eq!(told, expected, "{second}");
    }
}

#[test]
fn more_different_things_than_are_remembered_are_told_early() {
    let mut detector = detector(RULES, 60, 0);
    let mut told = 0;
    for round in 0..2 {
        for number in 0..5000 {
            told += detector.detect(&exec(round, &format!("c {number}"))).len();
        }
    }
    // Nothing is lost: every exec is told by itself or in a count.
    let counted = detector.counters().folded + told as u64;
    assert!(counted >= 10_000 && told >= 5000, "{counted} {told}");
}

#[test]
fn what_was_seen_outlives_a_reload_of_other_rules() {
    let other = "---\ntitle: Other\nid: 00000000-0000-4000-8000-000000000009\n\
                 logsource: { product: linux, category: mount }\ndetection: { a: { mount.type: x }, condition: a }\n";
    for (changed, expected) in [
        (format!("{RULES}{other}"), &["Many"][..]),
        (RULES.replace("10m", "9m"), &[]),
        (RULES.replace("gt: 0", "gt: 1"), &[]),
    ] {
        let mut detector = detector(RULES, 60, 0);
        for second in 0..2 {
            detector.detect(&exec(second, "a"));
        }
        detector.replace(Engine::compile(&rules(&changed)));
        // What was told is known still: only the correlation, where it is the same, has something new.
        assert_eq!(shown(&detector.detect(&exec(2, "a"))), expected, "{changed}");
    }
}

#[test]
fn groups_are_bounded_and_counted() {
    let mut engine = Engine::compile(&rules(RULES));
    let mut event = Record::new(Category::ProcessCreation, at(0));
    event.set(Field::ProcessId, rampart_model::Value::Number(1));
    for number in 0..3 * GROUPS {
        event.set(Field::CommandLine, number.to_string().into());
        engine.matches(&event);
    }
    let forgotten = engine.forgotten().groups;
    assert!((2 * GROUPS as u64 - 1..=2 * GROUPS as u64).contains(&forgotten), "{forgotten}");
    // A count does not go back when other rules come.
    let mut next = Engine::compile(&RuleSet::default());
    next.adopt(engine);
    assert_eq!(next.forgotten().groups, forgotten);
}

#[test]
fn an_exception_applies_until_it_expires_and_says_so() {
    let exception = "---\ntitle: Known\nid: 00000000-0000-4000-8000-000000000003\nowner: platform\n\
        reason: ours\nexpires: '2026-01-01T00:00:30Z'\nlogsource: { product: linux, category: process_creation }\n\
        filter: { rules: [exec], a: { CommandLine: ours }, condition: not a }\n";
    let mut detector = detector(&format!("{RULES}{exception}"), 60, 0);
    for (second, arguments, expected) in
        [(0, "ours", &[][..]), (1, "theirs", &["Exec"]), (29, "ours", &[]), (30, "ours", &["Exec"])]
    {
        assert_eq!(shown(&detector.detect(&exec(second, arguments))), expected, "{second}");
    }
    let used: Vec<_> =
        detector.engine().exceptions().map(|(exception, used)| (&*exception.title, used)).collect();
    assert_eq!(used, [("Known", 2)]);
    assert_eq!(shown(&detector.tick(at(29))), Vec::<String>::new());
    assert_eq!(shown(&detector.tick(at(30))), ["exception_expired \"Known\""]);
    assert_eq!(shown(&detector.tick(at(31))), Vec::<String>::new());
}
