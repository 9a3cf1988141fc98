//! osregex: it agrees with what was measured of the original, and no pattern or line is too strange.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use proptest::prelude::*;
use rampart_pattern::{Dialect, Exhausted, MAX_LENGTH, Pattern, PatternError};

/// Pattern, text and result, separated by tabs; a tab of theirs is `<TAB>`.
const PAIRS: &str = include_str!("data/osregex.tsv");

fn osregex(text: &str) -> Pattern {
    Pattern::new(Dialect::OsRegex, text).unwrap()
}

fn answer(pattern: &str, text: &str) -> &'static str {
    match Pattern::new(Dialect::OsRegex, pattern) {
        Err(_) => "E",
        Ok(pattern) if pattern.is_match(text.as_bytes()).unwrap() => "1",
        Ok(_) => "0",
    }
}

#[test]
fn all_measured_pairs_agree() {
    let pairs: Vec<Vec<String>> = PAIRS
        .lines()
        .skip(1)
        .map(|line| line.split('\t').map(|part| part.replace("<TAB>", "\t")).collect())
        .collect();
    assert_eq!(pairs.len(), 2000);
    let wrong: Vec<_> = pairs.iter().filter(|pair| answer(&pair[0], &pair[1]) != pair[2]).collect();
    assert_eq!(wrong, Vec::<&Vec<String>>::new());
}

#[test]
fn lines_match_as_the_language_says() {
    for (pattern, text, expected) in [
        (r"^root:\$\d+", "root:$6$x", "1"),
        (r"Access:\s*\(0644", "Access: (0644/-rw", "1"),
        ("Access: (0644", "Access: (0644", "E"),
        ("a.c", "abc", "0"),
        (r"a\.c", "abc", "1"),
        ("^$", "", "1"),
        ("^$", "x", "0"),
        (r"\.+", "", "0"),
        (r"\.*", "", "1"),
        ("", "anything", "1"),
        ("", "", "1"),
        ("a+", "aaa", "0"),
        ("a+", "a+", "1"),
        ("[ab]", "a", "0"),
        ("x{2}", "xx", "0"),
        (r"a\-b", "a-b", "E"),
        ("(a|b)", "a", "E"),
        (r"^\s*$", "", "1"),
        (r"^\s*\t*$", "", "1"),
        ("ABC", "xabc", "1"),
        (r"\s", "\t", "0"),
        (r"\S", "\t", "1"),
        ("^no$|^yes$", "YES", "1"),
        (r"^\W+$", "\u{e4}", "1"),
        ("\u{e4}", "b\u{e4}r", "1"),
        ("a^b$c", "a^b$c", "1"),
        (r"\w+\s+\w+\s+LISTEN\s+\d+", "x a b LISTEN 5", "1"),
        (r"^\S+:\S*:\d*:\d*:365:", "root:$6$x:19000:0:365:7:::", "1"),
    ] {
        assert_eq!(answer(pattern, text), expected, "{pattern} on {text:?}");
    }
}

#[test]
fn groups_take_what_they_stand_for() {
    for (pattern, text, expected) in [
        (r"(\d+)", "abc 123 x", Some(Some("123"))),
        (r"^PASS_MAX_DAYS\s*\t*(\d+)", "PASS_MAX_DAYS   365", Some(Some("365"))),
        (r"^PASS_MAX_DAYS\s*\t*(\d+)", "PASS_MAX_DAYS \t 365", None),
        (r"minlen\s*=\s*(\d+)$", "minlen=14", Some(Some("14"))),
        (r"\.*=(\d+)", "a=b=14", Some(Some("14"))),
        (r"(\w+):(\d+)", "x: ab:12 34", Some(Some("ab"))),
        (r"^(\S+)\s+\d|no", "sys 7", Some(Some("sys"))),
        (r"^(\d+)|ab", "ab", Some(None)),
        ("ab", "ab", Some(None)),
        ("a()b", "ab", Some(Some(""))),
        (r"x(\s*)$", "x", Some(Some(""))),
        (r"(\d*)", "", Some(Some(""))),
        (r"(\d+)", "none", None),
    ] {
        let group = osregex(pattern).first_group(text.as_bytes()).unwrap();
        let expected = expected.map(|group: Option<&str>| group.map(str::as_bytes));
        assert_eq!(group, expected, "{pattern} on {text:?}");
    }
}

#[test]
fn faults_say_where() {
    for (pattern, expected) in [
        (r"ab\-c", PatternError::Escape { offset: 2, escaped: '-' }),
        (r"\ä", PatternError::Escape { offset: 0, escaped: 'ä' }),
        (r"ab\", PatternError::OpenEscape),
        ("a(b", PatternError::Parenthesis { offset: 1 }),
        ("ab)", PatternError::Parenthesis { offset: 2 }),
        ("((a))", PatternError::Parenthesis { offset: 1 }),
        ("x|(a|b)", PatternError::Alternative { offset: 4 }),
        (&"a".repeat(MAX_LENGTH + 1), PatternError::TooLong { length: MAX_LENGTH + 1 }),
    ] {
        assert_eq!(Pattern::new(Dialect::OsRegex, pattern).unwrap_err(), expected);
    }
}

#[test]
fn a_match_ends() {
    let line = "a1".repeat(1000);
    assert_eq!(osregex(r"a\w+\d\w+\d\w+\d\w+\dx").is_match(line.as_bytes()), Err(Exhausted));
    let stars = r"\d*".repeat(MAX_LENGTH / 3);
    assert_eq!(osregex(&format!("{stars}x")).is_match(&b"a".repeat(2000)), Err(Exhausted));
}

#[test]
fn a_long_line_is_not_given_up_for_its_length() {
    let mut line = b"ab 12 ".repeat(1_000_000);
    line.extend_from_slice(b"end:7");
    for pattern in [r"END:(\d+)$", r"\w\w\w:(\d)", r"\w+:(\d+)"] {
        assert_eq!(osregex(pattern).first_group(&line), Ok(Some(Some(&b"7"[..]))), "{pattern}");
    }
}

/// Patterns of what has a meaning in osregex, and a little else.
const PATTERN: &str = r"(\\[dwstpDWS.()\\$|<][+*]?|[a1 :()|^$+]){0,10}";

proptest! {
    #[test]
    fn any_pattern_and_line_have_an_answer(pattern in ".*", line in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(pattern) = Pattern::new(Dialect::OsRegex, &pattern) {
            prop_assert_eq!(pattern.first_group(&line).unwrap().is_some(), pattern.is_match(&line).unwrap());
        }
    }

    #[test]
    fn case_does_not_matter(pattern in PATTERN, line in "[a-cA-C1-3 :(\t_-]{0,30}") {
        if let Ok(osregex) = Pattern::new(Dialect::OsRegex, &pattern) {
            let matches = osregex.first_group(line.as_bytes()).unwrap().is_some();
            let upper = line.to_uppercase();
            prop_assert_eq!(osregex.is_match(upper.as_bytes()).unwrap(), matches, "{}", line);
        }
    }

    #[test]
    fn an_alternative_matches_as_by_itself(a in PATTERN, b in PATTERN, line in "[ab1 :(\t-]{0,30}") {
        let together = Pattern::new(Dialect::OsRegex, &format!("{a}|{b}"));
        if let (Ok(a), Ok(b)) = (Pattern::new(Dialect::OsRegex, &a), Pattern::new(Dialect::OsRegex, &b)) {
            let line = line.as_bytes();
            let expected = a.is_match(line).unwrap() || b.is_match(line).unwrap();
            prop_assert_eq!(together.unwrap().is_match(line).unwrap(), expected);
        }
    }
}
