mod list;

use std::fs;

use clap::Parser;

use super::*;

/// When it is for the tests.
const NOW: &str = "2026-06-01T12:00:00Z";

const RULE: &str = "\
title: Shell
id: 6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11
description: D
level: low
tags: [attack.t1059.004]
logsource: { product: linux, category: process_creation }
detection: { a: { Image|endswith: /sh }, condition: a }
tests: { match: [ { Image: /bin/sh } ], no_match: [ { Image: /bin/cat } ] }
";

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: RulesCommand,
}

/// A folder to run in, with the rule in it.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new(rule: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rule.yml"), rule).unwrap();
        Self(folder)
    }

    /// The exit, stdout and stderr, with the folder's path left out.
    fn run(&self, args: &str) -> (Exit, String, String) {
        let folder = self.0.path().display().to_string();
        let args = args.replace("DIR", &folder);
        let cli = Cli::parse_from(std::iter::once("rules").chain(args.split(' ')));
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = match run(&cli.command, NOW.parse().unwrap(), &mut out, &mut err) {
            Ok(exit) => exit,
            Err(Stop::Fail(failure)) => failure.exit,
            Err(Stop::Write(error)) => panic!("{error}"),
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&(folder.clone() + "/"), "");
        (exit, text(out), text(err))
    }
}

#[test]
fn check_tells_everything_at_once() {
    let good = Bench::new(RULE).run("check DIR");
    assert_eq!(good, (Exit::Done, "good rules: 1, errors: 0, warnings: 0\n".into(), String::new()));
    let bad = Bench::new(&RULE.replace("Image|endswith", "Imag").replace("level: low", "level: loud"));
    let (exit, out, _) = bad.run("check DIR");
    assert_eq!(exit, Exit::NotSo);
    assert!(out.contains("rule.yml:4:8: error: `level` must be"), "{out}");
    assert!(
        out.contains("rule.yml:7:19: error: unknown field `Imag`, did you mean `Image`?\n  help: "),
        "{out}"
    );
}

#[test]
fn lenient_warns() {
    let (exit, out, _) = Bench::new(&RULE.replace("Image|endswith", "Hashes")).run("check --lenient DIR");
    assert_eq!(exit, Exit::Done);
    assert!(out.contains("rule.yml:7:19: warning: unknown field `Hashes`"), "{out}");
    assert!(out.ends_with("good rules: 0, errors: 0, warnings: 1\n"), "{out}");
}

#[test]
fn what_is_not_there_is_unavailable() {
    let bench = Bench::new(RULE);
    assert_eq!(bench.run("check DIR/none").0, Exit::Unavailable);
    assert_eq!(bench.run("eval --rules DIR --events DIR/none").0, Exit::Unavailable);
    fs::remove_file(bench.0.path().join("rule.yml")).unwrap();
    assert_eq!(bench.run("check DIR").0, Exit::Unavailable);
}

#[test]
fn a_failing_rule_is_told_with_its_place() {
    let good = Bench::new(RULE).run("test DIR");
    assert_eq!(good, (Exit::Done, "rules: 1, tests passed: 2, failed: 0\n".into(), String::new()));
    let (exit, out, _) = Bench::new(&RULE.replace("/bin/cat", "/bin/sh")).run("test DIR");
    assert_eq!(exit, Exit::NotSo);
    assert!(out.starts_with("rule.yml:8:53: `Shell` matches an event that it must not\n"), "{out}");
    assert_eq!(Bench::new(RULE).run("test").0, Exit::Done);
}

#[test]
fn eval_goes_on_after_a_bad_line() {
    let bench = Bench::new(RULE);
    let long = "x".repeat((1 << 20) + 1);
    let events = [
        r#"{"category":"process_creation","Image":"/bin/sh"}"#,
        "",
        "{",
        r#"{"category":"process_creation","Imag":"/bin/sh"}"#,
        &long,
        r#"{"category":"mount","mount.source":"/bin/sh"}"#,
        r#"{"category":"process_creation","Image":"/bin/bash","ProcessId":5}"#,
        r#"{"category":"process_creation","Image":"/usr/bin/sh"}"#,
    ];
    fs::write(bench.0.path().join("events.jsonl"), events.join("\n")).unwrap();
    let (exit, out, err) = bench.run("eval --rules DIR --events DIR/events.jsonl");
    assert_eq!(exit, Exit::NotSo);
    let line = |event| {
        format!(
            "{{\"event\":{event},\"rule\":\"6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11\",\"title\":\"Shell\",\"level\":\"low\"}}\n"
        )
    };
    assert_eq!(out, line(0) + &line(7));
    let places: Vec<_> = err.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["events.jsonl:3", "events.jsonl:4", "events.jsonl:5"], "{err}");
}

#[test]
fn eval_counts_and_excepts() {
    let rules = RULE.replace("title: Shell", "title: Shell\nname: shell");
    let more = "---\ntitle: Shells\nid: 6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b12\ndescription: D\ngenerate: true\n\
        correlation: { type: event_count, rules: [shell], timespan: 10s, condition: { gte: 2 } }\n\
        tests: { match: [ [ { Image: /bin/sh }, { Image: /bin/sh } ] ], no_match: [ [ { Image: /bin/sh } ] ] }\n\
        ---\ntitle: Ours\nlogsource: { product: linux, category: process_creation }\n\
        filter: { rules: [shell], a: { User: us }, condition: not a }\n\
        ---\ntitle: Theirs\nlogsource: { product: linux, category: process_creation }\n\
        filter: { rules: [shell], a: { User: them }, condition: not a }\n";
    let bench = Bench::new(&(rules + more));
    let event = |second: u32, user: &str| {
        format!(
            r#"{{"category":"process_creation","@timestamp":"2026-01-01T00:00:{second:02}Z","Image":"/bin/sh","User":"{user}"}}"#
        )
    };
    let events = [event(0, "a"), event(1, "us"), event(11, "a"), event(12, "a")].join("\n");
    fs::write(bench.0.path().join("events.jsonl"), events).unwrap();
    let (exit, out, err) = bench.run("eval --rules DIR/rule.yml --events DIR/events.jsonl");
    assert_eq!(exit, Exit::Done, "{err}");
    let found: Vec<_> =
        out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect();
    let found: Vec<_> = found
        .iter()
        .map(|line| format!("{} {} {}", line["event"], line["title"], line["measured"]))
        .collect();
    assert_eq!(
        found,
        [r#"0 "Shell" null"#, r#"2 "Shell" null"#, r#"3 "Shell" null"#, r#"3 "Shells" "2 matches""#]
    );
    assert!(
        err.contains(": note: the exception `Theirs` was of no use\n") && !err.contains("`Ours`"),
        "{err}"
    );
}

#[test]
fn bench_tells_what_rules_cost() {
    let (exit, out, _) = Bench::new(RULE).run("bench --format json DIR");
    assert_eq!(exit, Exit::Done);
    let figures: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&figures["rules"], &figures["events"], &figures["matching"]),
        (&1.into(), &2.into(), &1.into())
    );
    assert!(
        figures["median_ns"].as_f64().unwrap() > 0.0 && figures["costliest"][0]["title"] == "Shell",
        "{out}"
    );
    assert!(Bench::new(RULE).run("bench DIR").1.contains("per event"));
    assert_eq!(Bench::new(RULE).run("bench --events DIR/none DIR").0, Exit::Unavailable);
}
