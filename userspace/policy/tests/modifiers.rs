//! What each modifier makes of a value, in short, and that none is too strange.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs is there, or the test fails"
)]

use std::{fmt::Write as _, fs, path::Path};

use proptest::prelude::*;
use rampart_policy::{
    Anchor, Case, Catalogue, Comparison, FieldTest, Mode, Modifier, Part, Pattern, Predicate, Quantifier,
    Rule, Subject, limit, load_dir, parse_rules,
};

fn rule_text(selection: &str) -> String {
    format!(
        "title: T\nid: 6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11\ndescription: D\nlevel: low\n\
         logsource: {{ product: linux, category: network_connection }}\n\
         detection:\n  a:\n    {}\n  condition: a\n\
         tests: {{ match: [ {{ Image: /x }} ], no_match: [ {{ Image: /y }} ] }}\n",
        selection.replace('\n', "\n    ")
    )
}

/// The rule that has one selection, or the first thing that is wrong with it.
fn rule(selection: &str) -> Result<Rule, String> {
    match parse_rules("x", rule_text(selection).as_bytes(), &Catalogue::default(), Mode::Strict) {
        Ok(mut rules) => Ok(rules.remove(0)),
        Err(problems) => Err(problems[0].fault.to_string()),
    }
}

fn show(selection: &str) -> String {
    rule(selection).map_or_else(|problem| format!("! {problem}"), |rule| show_rule(&rule))
}

/// Alternatives after `or`, tests that must all hold after `and`.
fn show_rule(rule: &Rule) -> String {
    let alternatives = rule.detection.selections.iter().flat_map(|selection| &selection.alternatives);
    let alternatives =
        alternatives.map(|tests| tests.iter().map(show_test).collect::<Vec<_>>().join(" and "));
    alternatives.collect::<Vec<_>>().join(" or ")
}

fn show_test(test: &FieldTest) -> String {
    let subject = match test.subject {
        Subject::Field(field) => field.to_string(),
        Subject::Anything => "anything".to_owned(),
        Subject::Time(part) => format!("{part:?}"),
    };
    let negated = if test.negated { " not" } else { "" };
    let quantifier = match test.quantifier {
        Quantifier::Any if test.predicates.len() == 1 => "",
        Quantifier::Any => " any",
        Quantifier::All => " all",
    };
    let predicates: Vec<_> = test.predicates.iter().map(show_predicate).collect();
    format!("{subject}{negated}{quantifier} {}", predicates.join(" "))
}

fn show_predicate(predicate: &Predicate) -> String {
    let cased = |case: Case| if case == Case::Kept { "(cased)" } else { "" };
    match predicate {
        Predicate::Absent => "absent".to_owned(),
        Predicate::Present => "present".to_owned(),
        Predicate::Text { pattern, case } => format!("'{}'{}", show_pattern(pattern), cased(*case)),
        Predicate::Regex(regex) => format!("/{regex}/"),
        Predicate::Number { comparison, than } => {
            let comparison = match comparison {
                Comparison::Equal => "=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
            };
            format!("{comparison}{than}")
        }
        Predicate::Bool(value) => value.to_string(),
        Predicate::Ip(ip) => ip.to_string(),
        Predicate::Network(network) => format!("{network:?}").replace("Network ", ""),
        Predicate::SameAs { field, anchor, case } => {
            let (before, after) = match anchor {
                Anchor::Whole => ("", ""),
                Anchor::Start => ("", "*"),
                Anchor::End => ("*", ""),
                Anchor::Anywhere => ("*", "*"),
            };
            format!("{before}{{{field}}}{after}{}", cased(*case))
        }
    }
}

fn show_pattern(pattern: &Pattern) -> String {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Text(part) => text.push_str(&part.replace('\0', "0").replace('*', "<star>")),
            Part::One => text.push('?'),
            Part::Many => text.push('*'),
        }
    }
    text
}

fn check<'a>(rows: impl IntoIterator<Item = (impl AsRef<str>, &'a str)>) {
    let mut wrong = String::new();
    for (selection, expected) in rows {
        let selection = selection.as_ref();
        let found = show(selection);
        if found != expected {
            writeln!(wrong, "{selection}\n  is  {found}\n  not {expected}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Every file under `tests/data/modifiers`: a selection, after `=> ` what it comes to, or after `=> ! ` why it is wrong.
#[test]
fn selections_come_to_what_is_said() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/modifiers");
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let rows: Vec<_> = text.trim().split("\n\n").collect();
        assert!(rows.len() > 4);
        check(rows.into_iter().map(|row| row.split_once("\n=> ").unwrap()));
    }
}

#[test]
fn placeholders_stand_for_the_values_of_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("placeholders")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "placeholders/a.yml",
        "names: [a, b*, 'c\\']\nlans: [10.0.0.0/8, 'fd00::/8']\nports: [22, 80]\none: 'x.'\n",
    );
    write("placeholders/b.yml", "wrong: ten\n");
    for (selection, expected) in [
        ("Image|expand: '%names%'", r"Image any 'a' 'b*' 'c\'"),
        ("Image|contains|expand: ['/%one%', y]", "Image any '*/x.*' '*y*'"),
        (r"Image|expand: '%one%\%%names%*'", r"Image any 'x.%a*' 'x.%b*' 'x.%c\*'"),
        ("Image|expand: '%names%-%one%'", r"Image any 'a-x.' 'b*-x.' 'c\-x.'"),
        ("Image|expand|windash: '-%one%'", "Image any '-x.' '/x.' '–x.' '—x.' '―x.'"),
        ("Image|windash|expand: '-%one%'", "Image '-x.'"),
        ("Image|expand|base64: '%one%'", "Image 'eC4='"),
        ("Image|expand|re: '^%names%$'", r"Image any /^(?s:a)$/ /^(?s:b.*)$/ /^(?s:c\\)$/"),
        ("Image|expand|all: ['%names%', '%one%']", r"Image any 'a' 'b*' 'c\' and Image 'x.'"),
        ("Image|expand|neq: '%names%'", r"Image not any 'a' 'b*' 'c\'"),
        ("ProcessId|expand: '%ports%'", "ProcessId any =22 =80"),
        (
            "SourceIp|expand|cidr: '%lans%'",
            "SourceIp any { address: 10.0.0.0, prefix: 8 } { address: fd00::, prefix: 8 }",
        ),
        (
            "'@timestamp|hour|expand': '%ports%'",
            "! `@timestamp` must be a whole number from 0 to 23, not `80`",
        ),
        ("'|expand': '%one%'", "anything '*x.*'"),
        (
            "SourceIp|expand: '%wrong%'",
            "! `SourceIp` must be an address; for a network, use `|cidr`, not `ten`",
        ),
        ("Image|expand: '%nobody%'", "! there are no values for the placeholder `%nobody%`"),
        (
            "Image|expand: '%one%%one%%one%%one%%one%%one%%one%%one%%one%'",
            "! too much: the number of placeholders in one value is more than 8",
        ),
        (
            "Image|expand: '%names%%names%%names%%names%%names%%names%%names%%names%'",
            "! too much: the number of values that placeholders stand for is more than 4096",
        ),
    ] {
        write("rule.yml", &rule_text(selection));
        let loaded = load_dir(folder.path(), Mode::Strict).unwrap();
        let found = match &loaded.problems[..] {
            [] => show_rule(&loaded.rules.rules()[0]),
            [problem, ..] => format!("! {}", problem.fault),
        };
        assert_eq!(found, expected, "{selection}");
    }
}

#[test]
fn flags_change_regular_expressions() {
    for (modifiers, text, expected) in [
        ("re", "A\nb", false),
        ("re|i", "AB", true),
        ("re|m", "x\nab\nx", true),
        ("re|m", "xab", false),
        ("re|i|s", "A\n", true),
        ("re|i", "A\n", false),
    ] {
        let pattern = if modifiers.contains('m') { "^ab$" } else { "a." };
        let rule = rule(&format!("Image|{modifiers}: '{pattern}'")).unwrap();
        let Predicate::Regex(regex) = &rule.detection.selections[0].alternatives[0][0].predicates[0] else {
            panic!("{modifiers}");
        };
        assert_eq!(regex.is_match(text), expected, "{modifiers} on {text}");
    }
}

#[test]
fn no_more_than_the_limits() {
    let many = vec!["x"; limit::VALUES + 1].join(",");
    let long = "x".repeat(limit::PATTERN_BYTES);
    let modifiers = "|base64".repeat(limit::MODIFIERS + 1);
    let dashes = ["' -a -b -c -d'"; 6].join(",");
    let tests = ["- Image|windash: ", &format!("[{dashes}]\n")].concat().repeat(6);
    check([
        (format!("Image: [{many}]"), "! too much: the number of values of one test is more than 4096"),
        (format!("[{many}]"), "! too much: the number of values of one test is more than 4096"),
        (format!("Image: {long}x"), "! too much: the length of a value is more than 4096"),
        (format!("Image|base64: {long}"), "! too much: the length of a value is more than 4096"),
        (format!("Image{modifiers}: x"), "! too much: the number of modifiers is more than 16"),
        (tests, "! too much: the size of what the modifiers of one rule make is more than 1048576"),
    ]);
}

fn key_of(modifiers: &[Modifier]) -> String {
    modifiers.iter().flat_map(|modifier| ["|", modifier.name()]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_modifiers_and_values_make_the_parser_panic(
        name in prop::sample::select(vec!["Image", "ProcessId", "SourceIp", "Initiated", "@timestamp", ""]),
        modifiers in prop::collection::vec(prop::sample::select(Modifier::ALL.to_vec()), 0..5),
        values in prop::collection::vec(r"[-/–a1.*?%\\:€ ]{0,12}|true|null|22|10\.0\.0\.0/8", 1..3),
    ) {
        let key = key_of(&modifiers);
        let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
        drop(rule(&format!("'{name}{key}': [{}]", values.join(", "))));
        drop(rule(&format!("'{name}{key}': {}", values[0])));
    }

    #[test]
    fn whatever_loads_has_something_to_compare(
        modifiers in prop::collection::vec(prop::sample::select(Modifier::ALL.to_vec()), 0..3),
        values in prop::collection::vec("[-/ab*]{1,6}", 1..4),
    ) {
        let key = key_of(&modifiers);
        if let Ok(rule) = rule(&format!("'Image{key}': ['{}']", values.join("', '"))) {
            let alternatives = &rule.detection.selections[0].alternatives;
            prop_assert!(!alternatives.is_empty());
            for tests in alternatives {
                prop_assert!(!tests.is_empty() && tests.iter().all(|test| !test.predicates.is_empty()));
            }
        }
    }
}
