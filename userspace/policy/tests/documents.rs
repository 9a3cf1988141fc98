//! What good files give: every entry of `tests/data/good`, a file or a folder, against what its `#~ ` lines say of it.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use rampart_model::{Record, Timestamp};
use rampart_policy::{
    Bound, Catalogue, Correlation, CorrelationKind, Exception, Expectation, Mode, Rule, RuleSet,
    SequenceTest, TemporalCondition, limit, load_paths, parse, parse_rules,
};

/// What a person calls it: its name, or the title where it has none.
fn called(name: Option<&str>, title: &str) -> String {
    name.map_or_else(|| format!("`{title}`"), str::to_owned)
}

fn describe_rule(rule: &Rule) -> String {
    let called = called(rule.name.as_deref(), &rule.reference.title);
    let selections: Vec<_> = rule.detection.selections.iter().map(|selection| &*selection.name).collect();
    format!(
        "rule {called}{}: {} {} {selections:?} {:?}",
        if rule.silent { " (silent)" } else { "" },
        rule.reference.severity,
        rule.category,
        rule.detection.condition,
    )
}

fn describe_bounds(bounds: &[Bound]) -> String {
    let bound = |bound: &Bound| {
        format!("{}{:?} {}", if bound.negated { "not " } else { "" }, bound.comparison, bound.than)
    };
    bounds.iter().map(bound).collect::<Vec<_>>().join(" and ")
}

fn describe_kind(kind: &CorrelationKind) -> String {
    let temporal = |condition: &TemporalCondition| match condition {
        TemporalCondition::Count(bounds) => describe_bounds(bounds),
        TemporalCondition::Rules(condition) => format!("{condition:?}"),
    };
    match kind {
        CorrelationKind::EventCount(bounds) => format!("events {}", describe_bounds(bounds)),
        CorrelationKind::ValueCount { fields, bounds } => {
            format!("values of {fields:?} {}", describe_bounds(bounds))
        }
        CorrelationKind::Value { measure, field, bounds } => {
            format!("{measure:?} of {field} {}", describe_bounds(bounds))
        }
        CorrelationKind::Temporal(condition) => format!("together {}", temporal(condition)),
        CorrelationKind::TemporalOrdered(condition) => format!("in order {}", temporal(condition)),
    }
}

fn seconds(record: &Record) -> f64 {
    record.time().since(Timestamp::EPOCH).as_secs_f64()
}

fn describe_test(test: &SequenceTest) -> String {
    let events: Vec<_> =
        test.events.iter().map(|event| format!("{}@{}", event.category(), seconds(event))).collect();
    let must = if test.expectation == Expectation::Match { "match" } else { "no match" };
    format!("  {must} {}", events.join(" "))
}

/// Ids are long: rules are told by their number in the set.
fn places(set: &RuleSet, ids: &[std::sync::Arc<str>]) -> String {
    let rules = set.rules().iter().map(|rule| (&rule.reference, &rule.name));
    let correlations =
        set.correlations().iter().map(|correlation| (&correlation.reference, &correlation.name));
    let all: Vec<_> = rules.chain(correlations).collect();
    let call = |id: &std::sync::Arc<str>| {
        let (reference, name) = all.iter().find(|(reference, _)| reference.id == *id).unwrap();
        called(name.as_deref(), &reference.title)
    };
    ids.iter().map(call).collect::<Vec<_>>().join(", ")
}

fn describe_correlation(set: &RuleSet, correlation: &Correlation) -> String {
    let called = called(correlation.name.as_deref(), &correlation.reference.title);
    let mut text = format!(
        "correlation {called}{}: {} over [{}] in {:?}, {}",
        if correlation.silent { " (silent)" } else { "" },
        correlation.reference.severity,
        places(set, &correlation.rules),
        correlation.timespan,
        describe_kind(&correlation.kind),
    );
    for key in &correlation.group_by {
        write!(text, "\n  by {} {:?}", key.name, key.fields).unwrap();
    }
    for test in &correlation.tests {
        write!(text, "\n{}", describe_test(test)).unwrap();
    }
    text
}

fn describe_exception(set: &RuleSet, exception: &Exception) -> String {
    format!(
        "exception `{}`: by {:?} because {:?} until {:?} in {:?} for [{}] where {:?}",
        exception.title,
        exception.owner.as_deref(),
        exception.reason.as_deref(),
        exception.expires.map(|end| end.to_string()),
        exception.category.map(rampart_model::Category::name),
        places(set, &exception.rules),
        exception.detection.condition,
    )
}

fn describe(set: &RuleSet) -> String {
    let rules = set.rules().iter().map(|rule| describe_rule(rule));
    let correlations = set.correlations().iter().map(|correlation| describe_correlation(set, correlation));
    let exceptions = set.exceptions().iter().map(|exception| describe_exception(set, exception));
    let all: Vec<_> = rules.chain(correlations).chain(exceptions).collect();
    all.join("\n").lines().fold(String::new(), |text, line| text + "#~ " + line + "\n")
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut entries: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.iter().flat_map(|entry| files(entry)).collect()
}

#[test]
fn good_files_give_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/good");
    let mut wrong = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let loaded = load_paths(&[&path], Mode::Strict).unwrap();
        assert_eq!(loaded.problems, []);
        let text: String = files(&path).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let lines = text.lines().filter(|line| line.starts_with("#~"));
        let expected = lines.fold(String::new(), |text, line| text + line + "\n");
        let given = describe(&loaded.rules);
        if given != expected {
            writeln!(wrong, "{}\n{given}", path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const RULE: &str = "title: T\nid: 00000000-0000-4000-8000-000000000001\nname: one\n\
    logsource: { category: mount }\ndetection: { a: { mount.source: /x }, condition: a }\n";

#[test]
fn an_exception_ends_when_it_says() {
    for (expires, ends) in
        [("2026-12-31", "2026-12-31T00:00:00Z"), ("'2026-12-31T18:00:00+02:00'", "2026-12-31T16:00:00Z")]
    {
        let filter = format!(
            "{RULE}---\ntitle: F\nlogsource: {{ category: mount }}\nexpires: {expires}\n\
             filter: {{ rules: one, a: {{ mount.source: /y }}, condition: a }}\n"
        );
        let set = parse("x.yml", filter.as_bytes(), &Catalogue::default(), Mode::Lenient).unwrap();
        let end: Timestamp = ends.parse().unwrap();
        let before = Timestamp::from_nanos(end.as_nanos() - 1);
        let [exception] = set.exceptions() else { panic!("one exception") };
        assert_eq!((exception.applies_at(before), exception.applies_at(end)), (true, false));
    }
}

#[test]
fn a_title_always_makes_the_same_id() {
    let id = |title: &str| {
        let text = format!(
            "title: {title}\nlogsource: {{ category: mount }}\n\
             detection: {{ a: {{ mount.source: /x }}, condition: a }}\n"
        );
        let rules = parse_rules("x.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient).unwrap();
        rules.first().unwrap().reference.id.to_string()
    };
    assert_eq!(id("T"), id("T"));
    assert_ne!(id("T"), id("U"));
    assert_eq!(id("T").len(), 36);
}

/// What a global document gives to others is counted, and not only what is written.
#[test]
fn collections_do_not_grow_without_bound() {
    let global = format!("action: global\nx: [{}]\n", "1,".repeat(20_000));
    let text = global + &"---\ntitle: T\n".repeat(50);
    let problems = parse("x.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient).unwrap_err();
    let told = |problem: &rampart_policy::Problem| problem.to_string().contains("what `action` repeats");
    assert!(problems.iter().any(told), "{problems:?}");
}

#[test]
fn correlations_stand_on_one_another_up_to_a_limit() {
    let correlation = |number: usize, below: &str| {
        format!(
            "---\ntitle: C\nname: c{number}\ncorrelation: {{ type: temporal, rules: [{below}], timespan: 1m }}\n"
        )
    };
    let tower = |height: usize| {
        let floors = (1..height).rev().map(|number| correlation(number + 1, &format!("c{number}")));
        RULE.to_owned() + &floors.collect::<String>() + &correlation(1, "one")
    };
    let read = |height| parse("x.yml", tower(height).as_bytes(), &Catalogue::default(), Mode::Lenient);
    let set = read(limit::CORRELATION_DEPTH).unwrap();
    let names: Vec<_> = set.correlations().iter().filter_map(|c| c.name.as_deref()).collect();
    assert!(names.is_sorted() && names.len() == limit::CORRELATION_DEPTH, "{names:?}");
    assert!(read(limit::CORRELATION_DEPTH + 1).is_err());
}

/// Text that is often nearly a set of documents.
fn documents() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "one",
        "two",
        "any",
        "temporal",
        "temporal_ordered",
        "event_count",
        "value_sum",
        "value_percentile",
        "5m",
        "0s",
        "99999d",
        "-1",
        "1.5",
        "true",
        "[]",
        "{}",
        "[one, two]",
        "[one, [two]]",
        "one and not two",
        "{ gte: 1 }",
        "{ gt: 3, lt: 4 }",
        "{ field: DestinationPort, gte: 2 }",
        "{ field: [Image, User], eq: 1 }",
        "{ one: Image }",
        "{ a: { one: Image } }",
        "mount",
        "2026-13-01",
        "2026-01-01",
        "global",
        "repeat",
        "reset",
        "{ a: { mount.source: /x }, condition: a }",
        "{ rules: any, a: { User: x }, condition: a }",
        "{ product: linux, category: mount }",
        "{ category: mount }",
        "{ match: [[{ after: 1s }]], no_match: [[]] }",
        "00000000-0000-4000-8000-000000000002",
    ]);
    let keys = prop::sample::select(vec![
        "title",
        "id",
        "name",
        "level",
        "logsource",
        "detection",
        "correlation",
        "filter",
        "action",
        "tests",
        "owner",
        "reason",
        "expires",
        "rules",
        "generate",
        "description",
        "  type",
        "  rules",
        "  group-by",
        "  timespan",
        "  condition",
        "  aliases",
        "  gte",
        "---",
        "tags",
    ]);
    prop::collection::vec((keys, words), 0..40).prop_map(|lines| {
        let line = |(key, word): &(&str, &str)| match *key {
            "---" => "---\n".to_owned(),
            "correlation" => "correlation:\n".to_owned(),
            _ => format!("{key}: {word}\n"),
        };
        RULE.to_owned() + "---\n" + &lines.iter().map(line).collect::<String>()
    })
}

proptest! {
    #[test]
    fn no_documents_make_the_loader_panic(text in documents()) {
        for name in ["x.yml", "exceptions/x.yml", "placeholders/x.yml"] {
            for mode in [Mode::Strict, Mode::Lenient] {
                drop(parse(name, text.as_bytes(), &Catalogue::default(), mode));
            }
        }
    }
}

/// One mistake in every correlation of a good file: each of them is told, or it is good all the same.
#[test]
fn broken_correlations_are_told() {
    let whole = "title: C\nid: 00000000-0000-4000-8000-000000000003\ncorrelation:\n  type: temporal\n  \
        rules: [one]\n  group-by: [x]\n  timespan: 5m\n  aliases: { x: { one: User } }\n";
    let read = |text: &str| parse("x.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient);
    assert_eq!(read(&format!("{RULE}---\n{whole}")).unwrap().correlations().len(), 1);
    for (good, bad) in [
        ("type: temporal", "type: sometimes"),
        ("rules: [one]", "rules: [eins]"),
        ("rules: [one]", "rules: []"),
        ("group-by: [x]", "group-by: [y]"),
        ("timespan: 5m", "timespan: 5"),
        ("timespan: 5m", "timespan: 31d"),
        ("{ one: User }", "{ two: User }"),
        ("{ one: User }", "{ one: Usr }"),
    ] {
        let broken = whole.replace(good, bad);
        assert_ne!(broken, whole);
        let set = read(&format!("{RULE}---\n{broken}"));
        assert!(set.map_or(true, |set| set.correlations().is_empty()), "{bad}");
    }
}
