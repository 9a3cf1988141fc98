//! osregex agrees with what was measured of the original.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use rampart_pattern::{Dialect, Pattern};

/// Pattern, text and result, separated by tabs; a tab of theirs is `<TAB>`.
const PAIRS: &str = include_str!("data/osregex.tsv");

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
