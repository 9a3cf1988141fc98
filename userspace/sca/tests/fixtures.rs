//! Every file under `tests/data/{lenient,strict}` against what it says of itself: `#~ ` lines hold the problems to
//! expect, and `#= ` the ids of the checks that are left, or `none` if the policy is left out.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{fmt::Write as _, fs, path::Path};

use rampart_policy::{Mode, embedded_catalogue};
use rampart_sca::{Policy, parse};

fn ids(policy: &Policy) -> String {
    let ids: Vec<String> = policy.checks.iter().map(|check| check.id.to_string()).collect();
    ids.join(" ")
}

fn report(name: &str, text: &str, mode: Mode) -> String {
    let parsed = parse(name, text.as_bytes(), embedded_catalogue(), mode);
    let mut report = String::new();
    for problem in &parsed.problems {
        writeln!(report, "#~ {problem}").unwrap();
        assert!(!problem.help().is_empty());
    }
    writeln!(report, "#= {}", parsed.policy.as_ref().map_or_else(|| "none".to_owned(), ids)).unwrap();
    report
}

fn check(folder: &str, mode: Mode) {
    let mut wrong = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let is_expectation = |line: &&str| line.starts_with("#~") || line.starts_with("#=");
        let expected: String =
            text.lines().filter(is_expectation).map(|line| line.to_owned() + "\n").collect();
        let report = report(path.file_name().unwrap().to_str().unwrap(), &text, mode);
        if report != expected {
            writeln!(wrong, "{}\n{report}", path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_the_stock_agent_leaves_out_is_left_out() {
    check("lenient", Mode::Lenient);
}

#[test]
fn policies_of_ours_must_say_more() {
    check("strict", Mode::Strict);
}
