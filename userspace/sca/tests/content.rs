//! Patterns over lines.

#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "what a test needs is there, or the test fails")]

use std::sync::Arc;

use rampart_policy::{Catalogue, Mode};
use rampart_sca::{Content, LineVerdict, Target, parse};

fn content(pattern: &str, dialect: &str) -> Arc<Content> {
    let rule = format!("p:{pattern}").replace('\'', "''");
    let policy = format!(
        "policy: {{ id: a, name: b, file: c, description: d, regex_type: {dialect} }}\n\
         checks: [ {{ id: 1, title: t, condition: all, rules: [ '{rule}' ] }} ]\n"
    );
    let parsed = parse("a.yml", policy.as_bytes(), &Catalogue::default(), Mode::Lenient);
    let policy = parsed.policy.unwrap_or_else(|| panic!("{:?}", parsed.problems));
    match policy.checks.first().and_then(|check| check.rules.first()).map(|rule| &rule.target) {
        Some(Target::Process { content }) => Arc::clone(content),
        target => panic!("{target:?}"),
    }
}

/// `0`, `1` and `2` as Wazuh counts, and `4` for what is none of them.
fn value(verdict: &LineVerdict) -> u8 {
    match verdict {
        LineVerdict::NoMatch => 0,
        LineVerdict::Match => 1,
        LineVerdict::Invalid(reason) => {
            assert!(!reason.is_empty());
            2
        }
        LineVerdict::Neither => 4,
    }
}

fn check(vectors: &[(&str, &str, u8)]) {
    for (pattern, line, expected) in vectors {
        for dialect in ["osregex", "pcre2"] {
            let verdict = content(pattern, dialect).test(line.as_bytes());
            assert_eq!(value(&verdict), *expected, "{dialect}: `{pattern}` on `{line}`: {verdict:?}");
        }
    }
}

#[test]
fn minterms_are_of_one_line() {
    check(&[
        ("r:^a", "abc", 1),
        ("R:^a", "abc", 1),
        ("r:^a", "bc", 0),
        ("!r:^a", "bc", 1),
        ("!r:^a", "abc", 0),
        ("r:^a && r:c$", "abc", 1),
        ("r:^a && r:c$", "ab", 0),
        ("r:^a && !r:c$", "ab", 1),
        ("r:^$", "", 1),
        ("r:^$", "a", 0),
    ]);
}

#[test]
fn anything_else_is_the_whole_line_in_any_case() {
    check(&[
        ("Yes", "yes", 1),
        ("yes", "yes ", 0),
        ("yes", "", 0),
        ("!yes", "no", 1),
        ("!!yes", "!YES", 0),
        ("!!yes", "no", 1),
        ("r", "R", 1),
        ("r:ab && ABC", "abC", 1),
        ("r:ab && abd", "abc", 0),
        ("é", "É", 0),
        ("", "", 1),
        ("", "a", 0),
        ("r:a &&r:b", "a &&r:b", 1),
    ]);
}

#[test]
fn an_expression_that_does_not_compile_never_matches() {
    check(&[("r:(", "(", 0), ("!r:(", "anything", 1), ("r:a && r:(", "a", 0), ("r:a && !r:(", "a", 1)]);
}

#[test]
fn numbers_are_compared() {
    check(&[
        ("n:^a (\\d+) compare <= 4", "a 4", 1),
        ("N:^a (\\d+) compare <= 4", "a 4", 1),
        ("n:^a (\\d+) compare <= 4", "a 5", 0),
        ("n:^a (\\d+) compare <= 4", "b 4", 0),
        ("!n:^a (\\d+) compare <= 4", "a 5", 1),
        ("!n:^a (\\d+) compare <= 4", "b", 1),
        ("n:^a (\\d+) compare = 4", "a 04", 1),
        ("n:^a (\\d+) compare == 4", "a 4", 1),
        ("n:^a (\\d+) compare != 4", "a 5", 1),
        ("n:^a (\\d+) compare < 4", "a 3", 1),
        ("n:^a (\\d+) compare > 4", "a 4", 0),
        ("n:^a (\\d+) compare >= 4", "a 4", 1),
        // No digits are 0, and what is too large is the largest there is.
        ("n:^a (\\w+) compare = 0", "a off", 1),
        ("n:^a (\\d+) compare = 9223372036854775807", "a 99999999999999999999", 1),
        ("n:^a (\\d+) compare = 99999999999999999999", "a 9223372036854775807", 1),
        // The sign on the right is not read.
        ("n:^a (\\d+) compare = -4", "a 4", 1),
    ]);
}

#[test]
fn what_cannot_be_compared_is_invalid() {
    check(&[
        ("n:^a (\\d+)", "a 4", 2),
        ("n:^a (\\d+)", "b", 2),
        ("n:( compare = 4", "a 4", 2),
        ("n:^a \\d+ compare = 4", "a 4", 2),
        ("n:^a \\d+ compare = 4", "b", 0),
        ("n:^a (\\d+) compare = four", "a 4", 2),
        ("n:^a (\\d+) compare 4", "a 4", 2),
        ("n:^a (\\d+) compare 4", "b", 0),
        ("n:^a (\\d+) compare  = 4", "a 4", 2),
    ]);
}

/// Values are multiplied: 0 wins, and two that are invalid, or a negated one, are nothing.
#[test]
fn invalid_minterms_are_multiplied() {
    const INVALID: &str = "n:x";
    for (pattern, expected) in [
        ("r:a && INVALID", 2),
        ("INVALID && r:a", 2),
        ("INVALID && r:b", 0),
        ("r:b && INVALID", 0),
        ("INVALID && INVALID", 4),
        ("!INVALID", 4),
        ("!INVALID && r:a", 4),
        ("!INVALID && INVALID", 4),
        ("INVALID && INVALID && r:b", 0),
    ] {
        check(&[(pattern.replace("INVALID", INVALID).as_str(), "a", expected)]);
    }
}

#[test]
fn endless_multiplication_does_not_wrap() {
    let pattern = ["n:x"; 64].join(" && ");
    check(&[(&pattern, "a", 4)]);
}

#[test]
fn the_text_stays() {
    assert_eq!(&**content("r:^a && !B", "osregex").text(), "r:^a && !B");
    assert_eq!(content("x", "pcre2").test(b"\xff"), LineVerdict::NoMatch);
    let reason = content("n:x", "pcre2").test(b"x");
    assert!(matches!(&reason, LineVerdict::Invalid(text) if text.contains("n:x")), "{reason:?}");
}

#[test]
fn a_pattern_in_two_checks_is_compiled_once() {
    let policy = "policy: { id: a, name: b, file: c, description: d }\nchecks:\n\
                  - { id: 1, title: t, condition: all, rules: [ 'p:r:a', 'f:/x -> r:a' ] }\n\
                  - { id: 2, title: t, condition: all, regex_type: pcre2, rules: [ 'p:r:a' ] }\n";
    let policy = parse("a.yml", policy.as_bytes(), &Catalogue::default(), Mode::Strict).policy.unwrap();
    let contents: Vec<&Arc<Content>> = policy
        .checks
        .iter()
        .flat_map(|check| &check.rules)
        .filter_map(|rule| match &rule.target {
            Target::Process { content } => Some(content),
            Target::File { content, .. } => content.as_ref(),
            _ => None,
        })
        .collect();
    assert!(Arc::ptr_eq(contents[0], contents[1]));
    assert!(!Arc::ptr_eq(contents[0], contents[2]));
}
