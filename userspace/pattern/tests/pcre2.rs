//! PCRE2: its language in bytes, within limits.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use proptest::prelude::*;
use rampart_pattern::{Dialect, Exhausted, Pattern, PatternError};

fn pcre2(text: &str) -> Pattern {
    Pattern::new(Dialect::Pcre2, text).unwrap()
}

#[test]
fn lines_match_in_bytes_and_case_matters() {
    for (pattern, line, expected) in [
        (r"^minlen\s*=\s*(\d+)$", &b"minlen = 14"[..], Some(Some(&b"14"[..]))),
        ("^(?!#).*(?:no|yes)", b"x yes", Some(None)),
        ("a(b)?", b"a", Some(None)),
        ("abc", b"ABC", None),
        ("(?i)abc", b"ABC", Some(None)),
        ("^..$", "\u{e4}".as_bytes(), Some(None)),
        ("(*UTF)^.$", "\u{e4}".as_bytes(), Some(None)),
        ("(*UTF).", b"\xff", None),
        (r"(\x00.)", b"a\0b", Some(Some(b"\0b"))),
        ("^$", b"", Some(None)),
    ] {
        assert_eq!(pcre2(pattern).first_group(line), Ok(expected), "{pattern}");
        assert_eq!(pcre2(pattern).is_match(line), Ok(expected.is_some()), "{pattern}");
    }
}

#[test]
fn a_match_ends_whatever_the_pattern_says() {
    let line = format!("{}b", "a".repeat(60));
    for pattern in
        ["(a+)+$", "(*LIMIT_MATCH=4000000000)(a+)+$", "(*LIMIT_HEAP=4000000000)(a|aa)+$", "(?:a(?R)?)+$"]
    {
        assert_eq!(pcre2(pattern).is_match(line.as_bytes()), Err(Exhausted), "{pattern}");
    }
}

#[test]
fn faults_are_told_by_their_place_in_the_pattern() {
    let fault = Pattern::new(Dialect::Pcre2, "ab(c").unwrap_err();
    assert_eq!(fault.to_string(), "PCRE2 says at byte 4: missing closing parenthesis");
    let large = Pattern::new(Dialect::Pcre2, "((a{1000}){1000}){1000}").unwrap_err();
    assert!(matches!(large, PatternError::Pcre2 { .. }), "{large}");
}

proptest! {
    #[test]
    fn any_pattern_and_line_have_an_answer(
        pattern in r"([ab.^$|*+?()\\]|\(\?|\[a|\]|\\[dwsKR1]|\(\*){0,12}",
        line in "[ab1 \n]{0,12}",
    ) {
        if let Ok(pattern) = Pattern::new(Dialect::Pcre2, &pattern) {
            let groups = pattern.first_group(line.as_bytes());
            prop_assert_eq!(pattern.is_match(line.as_bytes()), groups.map(|group| group.is_some()));
        }
    }
}
