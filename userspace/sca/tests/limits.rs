//! The bounds of a policy: what is at one is read, what is beyond is not.

#![forbid(unsafe_code)]

use rampart_policy::{Catalogue, Mode};
use rampart_sca::{Parsed, limit, parse};

const HEAD: &str = "policy: { id: a, name: b, file: c, description: d }\n";

/// A policy with so many of something.
type Text = fn(usize) -> String;

fn read(rest: &str) -> Parsed {
    parse("a.yml", format!("{HEAD}{rest}").as_bytes(), &Catalogue::default(), Mode::Lenient)
}

fn check(id: usize, rules: &[String]) -> String {
    format!("- {{ id: {id}, title: t, condition: all, rules: [ '{}' ] }}\n", rules.join("', '"))
}

fn rules(number: usize) -> String {
    format!("checks:\n{}", check(1, &vec!["f:/x".to_owned(); number]))
}

fn checks(number: usize) -> String {
    let checks: Vec<String> = (0..number).map(|id| check(id, &["f:/x".to_owned()])).collect();
    format!("checks:\n{}", checks.concat())
}

fn minterms(number: usize) -> String {
    format!("checks:\n{}", check(1, &[format!("p:{}", vec!["r:a"; number].join(" && "))]))
}

fn patterns(number: usize) -> String {
    let numbers: Vec<usize> = (0..number).collect();
    let checks = numbers.chunks(limit::RULES_PER_CHECK).enumerate().map(|(id, numbers)| {
        let rules: Vec<String> = numbers.iter().map(|number| format!("p:{number}")).collect();
        check(id, &rules)
    });
    format!("checks:\n{}", checks.collect::<Vec<_>>().concat())
}

fn variables(number: usize) -> String {
    let variables: Vec<String> = (0..number).map(|number| format!("  $v{number}: x\n")).collect();
    format!("variables:\n{}{}", variables.concat(), rules(1))
}

fn length(bytes: usize) -> String {
    format!("checks:\n{}", check(1, &[format!("f:{}", "x".repeat(bytes - 2))]))
}

#[test]
fn a_policy_has_bounds() {
    let cases: [(&str, Text, usize); 6] = [
        ("rules", rules, limit::RULES_PER_CHECK),
        ("checks", checks, limit::CHECKS),
        ("tests of one pattern", minterms, limit::MINTERMS),
        ("patterns", patterns, limit::PATTERNS),
        ("variables", variables, limit::VARIABLES),
        ("length", length, limit::RULE_BYTES),
    ];
    for (what, text, bound) in cases {
        let good = read(&text(bound));
        assert!(good.policy.is_some() && good.problems.is_empty(), "{what}: {:?}", good.problems.first());
        let bad = read(&text(bound + 1));
        let told: Vec<String> = bad.problems.iter().map(ToString::to_string).collect();
        assert!(bad.policy.is_none(), "{what}");
        assert!(told.concat().contains(what) && told.concat().contains(&bound.to_string()), "{told:?}");
    }
}

#[test]
fn problems_do_not_run_away() {
    let bad = read(&format!("checks:\n{}", "- x\n".repeat(limit::CHECKS)));
    assert_eq!((bad.policy.is_none(), bad.problems.len()), (true, limit::PROBLEMS_PER_FILE));
}
