//! No text is a policy that the daemon falls over, or hangs at.

#![forbid(unsafe_code)]

use std::fmt::Write as _;

use proptest::prelude::*;
use rampart_policy::{Mode, embedded_catalogue};
use rampart_sca::{Content, Target, limit, parse};

const LINES: [&[u8]; 5] = [b"", b"PermitRootLogin no", b"a,b 12 -> /x", b"\xff\x00\xfe", &[b'a'; 2047]];

fn contents(target: &Target) -> Option<&Content> {
    match target {
        Target::File { content, .. } | Target::Command { content, .. } => content.as_deref(),
        Target::Directory { entries, .. } => entries.as_ref()?.content.as_deref(),
        Target::Process { content } => Some(content),
    }
}

/// Reads a policy both ways, and tests lines with all that it has.
fn try_policy(text: &[u8]) {
    for mode in [Mode::Strict, Mode::Lenient] {
        let parsed = parse("x.yml", text, embedded_catalogue(), mode);
        for problem in &parsed.problems {
            assert!(!problem.to_string().is_empty() && !problem.help().is_empty());
        }
        for check in parsed.policy.iter().flat_map(|policy| &policy.checks) {
            assert!(check.controls(embedded_catalogue()).len() < text.len());
            for content in check.rules.iter().filter_map(|rule| contents(&rule.target)) {
                for line in LINES {
                    std::hint::black_box(content.test(line));
                }
            }
        }
    }
}

/// Rules of the pieces that rules are made of.
fn rule() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "not ",
        "NOT ",
        "f:",
        "d:",
        "c:",
        "p:",
        "r:",
        "n:",
        "!",
        " -> ",
        " && ",
        " compare ",
        "<= 4",
        "= 9",
        "(\\d+)",
        "\\w+",
        "\\s*",
        "^",
        "$",
        "|",
        "(",
        ")",
        "a",
        "/etc",
        ",",
        " ",
        "$v",
        "$vv",
        "é",
        "\\.",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn policy() -> impl Strategy<Value = String> {
    let words = || {
        prop::sample::select(vec!["all", "any", "none", "1", "~", "[]", "{}", "cis_k8s: ['4.2.1']", "pcre2"])
    };
    let check = (words(), words(), words(), prop::collection::vec(rule(), 0..5), words()).prop_map(
        |(id, title, condition, rules, compliance)| {
            let rules: Vec<String> =
                rules.iter().map(|rule| format!("'{}'", rule.replace('\'', "''"))).collect();
            let rules = rules.join(", ");
            format!(
                "title: {title}, condition: {condition}, compliance: [{compliance}], rules: [{rules}], id: {id}"
            )
        },
    );
    (prop::collection::vec(check, 0..5), words(), words()).prop_map(|(checks, regex_type, value)| {
        let head = format!(
            "policy: {{ id: a, name: b, file: c, description: d, regex_type: {regex_type} }}\n\
             variables: {{ $v: {value}, $vv: '$v,$v' }}\nchecks:\n"
        );
        // Most ids are no numbers, or not the only ones of their kind.
        let numbered = checks.into_iter().enumerate().map(|(number, check)| match number {
            0 => format!("- {{ {check} }}\n"),
            _ => format!("- {{ id: {number}, {check} }}\n"),
        });
        head + &numbered.collect::<String>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn policies_of_any_content(text in policy()) {
        try_policy(text.as_bytes());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        try_policy(&bytes);
    }
}

/// A value that names another variable twice, and that one the next, would be as long as it likes.
#[test]
fn variables_do_not_explode() {
    const NAMES: usize = 60;
    let name = |length| "v".repeat(length);
    let mut chain = String::new();
    for length in (1..NAMES).rev() {
        writeln!(chain, "  $_{}: $_{1}$_{1}", name(length + 1), name(length)).unwrap();
    }
    for (variables, location) in
        [(chain, format!("$_{}", name(NAMES))), (format!("  $v: {}\n", "x".repeat(1000)), "$v".repeat(1000))]
    {
        let text = format!(
            "policy: {{ id: a, name: b, file: c, description: d }}\nvariables:\n{variables}\
             checks:\n- {{ id: 1, title: t, condition: all, rules: ['f:{location}'] }}\n"
        );
        let parsed = parse("x.yml", text.as_bytes(), embedded_catalogue(), Mode::Lenient);
        let problems: Vec<String> = parsed.problems.iter().map(ToString::to_string).collect();
        assert!(problems.concat().contains(&limit::RULE_BYTES.to_string()), "{problems:?}");
        assert!(parsed.policy.is_none());
    }
}
