//! Rules as they are written, and what they look at.

#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "a test fails by it")]

use std::sync::Arc;

use rampart_policy::{Catalogue, Mode};
use rampart_sca::{Content, Rule, RuleOutcome, Target, parse};

const VARIABLES: &str = "{ $ssh: /etc/ssh, $sshd: /usr/sbin/sshd, $both: '$ssh,/x' }";

fn read(rule: &str) -> Rule {
    let text = format!(
        "policy: {{ id: a, name: b, file: c, description: d }}\nvariables: {VARIABLES}\n\
         checks: [ {{ id: 1, title: t, condition: all, rules: [ '{}' ] }} ]\n",
        rule.replace('\'', "''")
    );
    let parsed = parse("a.yml", text.as_bytes(), &Catalogue::default(), Mode::Lenient);
    let rule = parsed.policy.and_then(|policy| policy.checks.first()?.rules.first().cloned());
    rule.unwrap_or_else(|| panic!("{:?}", parsed.problems))
}

fn join(paths: &[Arc<str>]) -> String {
    paths.iter().map(|path| format!("<{path}>")).collect::<Vec<_>>().concat()
}

fn show(rule: &Rule) -> String {
    let content = |content: &Option<Arc<Content>>| {
        content.as_ref().map_or_else(String::new, |content| format!(" has {}", content.text()))
    };
    let target = match &rule.target {
        Target::File { paths, content: of } => format!("file {}{}", join(paths), content(of)),
        Target::Directory { folders, entries: None } => format!("folder {}", join(folders)),
        Target::Directory { folders, entries: Some(entries) } => {
            format!("folder {} with {}{}", join(folders), entries.names.text(), content(&entries.content))
        }
        Target::Command { line, content: of } => format!("command <{line}>{}", content(of)),
        Target::Process { content: of } => format!("process {}", of.text()),
    };
    if rule.negated { format!("not {target}") } else { target }
}

#[test]
fn rules_are_taken_apart() {
    for (rule, expected) in [
        ("f:/a", "file </a>"),
        ("not f:/a", "not file </a>"),
        ("NOT f:/a", "not file </a>"),
        ("f:/a,/b", "file </a></b>"),
        ("f:,/a,,/b,", "file </a></b>"),
        ("f:/a, /b ", "file </a>< /b >"),
        ("f:,", "file "),
        ("f:/a -> r:x", "file </a> has r:x"),
        ("f:/a -> r:x -> y", "file </a> has r:x -> y"),
        ("f:/a -> ", "file </a> has "),
        ("f:/a ->r:x", "file </a ->r:x>"),
        ("f:/a  -> r:x", "file </a > has r:x"),
        ("d:/a,/b", "folder </a></b>"),
        ("d:/a -> r:\\.conf$", "folder </a> with r:\\.conf$"),
        ("d:/a -> ^x -> r:y && !r:z", "folder </a> with ^x has r:y && !r:z"),
        ("d:/a -> x -> y -> z", "folder </a> with x has y -> z"),
        ("c:echo \"a -> b\"", "command <echo \"a> has b\""),
        ("c:a | b, c -> r:x", "command <a | b, c> has r:x"),
        ("not c:a", "not command <a>"),
        ("p:sshd", "process sshd"),
        ("not p:r:^ssh && !r:d$", "not process r:^ssh && !r:d$"),
        ("p:a -> b", "process a -> b"),
    ] {
        let read = read(rule);
        assert_eq!(show(&read), expected, "{rule}");
        assert_eq!(&*read.text, rule);
    }
}

#[test]
fn variables_are_replaced_in_locations_only() {
    for (rule, text, expected) in [
        ("f:$sshd", "f:/usr/sbin/sshd", "file </usr/sbin/sshd>"),
        (
            "f:$ssh/x,$ssh -> r:$ssh",
            "f:/etc/ssh/x,/etc/ssh -> r:$ssh",
            "file </etc/ssh/x></etc/ssh> has r:$ssh",
        ),
        (
            "not d:$both -> $ssh -> r:$ssh",
            "not d:/etc/ssh,/x -> $ssh -> r:$ssh",
            "not folder </etc/ssh></x> with $ssh has r:$ssh",
        ),
        ("c:$sshd -T -> r:$x", "c:/usr/sbin/sshd -T -> r:$x", "command </usr/sbin/sshd -T> has r:$x"),
        ("c:$unknown", "c:$unknown", "command <$unknown>"),
        ("p:$sshd", "p:$sshd", "process $sshd"),
    ] {
        let read = read(rule);
        assert_eq!((&*read.text, show(&read).as_str()), (text, expected), "{rule}");
    }
}

#[test]
fn not_leaves_what_is_invalid() {
    let invalid = RuleOutcome::Invalid("why".into());
    for (rule, expected) in [
        ("f:/a", [RuleOutcome::Found, RuleOutcome::NotFound, invalid.clone()]),
        ("not f:/a", [RuleOutcome::NotFound, RuleOutcome::Found, invalid.clone()]),
    ] {
        let outcomes = [RuleOutcome::Found, RuleOutcome::NotFound, invalid.clone()];
        assert_eq!(outcomes.map(|outcome| read(rule).outcome(outcome)), expected, "{rule}");
    }
}
