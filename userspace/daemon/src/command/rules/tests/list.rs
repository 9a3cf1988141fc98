//! Rules with correlations and exceptions: `rules list`, and what `check` and `test` say of them.

use serde_json::Value as Json;

use super::*;
use crate::command::rules::list::navigator::FORMAT;

/// A rule, one that raises no finding by itself, a correlation over each, and two exceptions.
fn bench() -> Bench {
    let silent =
        RULE.replace("Shell", "Quiet").replace("6f1f3a34", "7f1f3a34").replace("t1059.004", "t1053.003");
    let correlation = "\
title: Again
id: 8f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11
description: D
level: high
tags: [attack.t1059, attack.t1053.003]
correlation:
  type: temporal
  rules: [6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11]
  timespan: 1m
  generate: true
tests: { match: [ [ { Image: /bin/sh } ] ], no_match: [ [ { Image: /bin/cat } ] ] }
";
    let silent_by = "\
title: Only the quiet one
id: 9f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11
description: D
level: high
correlation:
  type: event_count
  rules: [7f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11]
  timespan: 1m
  condition: { gte: 2 }
tests:
  match: [ [ { Image: /bin/sh }, { Image: /bin/sh } ] ]
  no_match: [ [ { Image: /bin/cat } ] ]
";
    let exception = |title: &str, expires: &str, rules: &str| {
        let day = expires.rsplit('-').next().unwrap();
        format!(
            "title: {title}\nid: af1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b{day}\nowner: O\nreason: Known\nexpires: {expires}\n{rules}\n\
             detection: {{ a: {{ User: backup }}, condition: a }}\n"
        )
    };
    let old = exception("Old", "2026-06-01", "rules: [6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11]");
    let new = exception(
        "New",
        "2026-06-02",
        "logsource: { product: linux, category: process_creation }\nrules: any",
    );
    let bench = Bench::new(&[RULE, &silent, correlation, silent_by].join("---\n"));
    let folder = bench.0.path().join("exceptions");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("old.yml"), old).unwrap();
    fs::write(folder.join("new.yml"), new).unwrap();
    bench
}

type Judge = fn(&Json) -> bool;

fn json(args: &str) -> Json {
    let (exit, out, err) = bench().run(args);
    assert_eq!((exit, err.as_str()), (Exit::Done, ""), "{args}");
    serde_json::from_str(&out).unwrap()
}

fn titles(rules: &Json) -> Vec<&str> {
    rules.as_array().unwrap().iter().map(|rule| rule["title"].as_str().unwrap()).collect()
}

fn with<'j>(list: &'j Json, key: &str, value: &str) -> &'j Json {
    list.as_array().unwrap().iter().find(|entry| entry[key] == value).unwrap()
}

#[test]
fn rules_are_listed_with_techniques_and_controls() {
    let (exit, out, _) = Bench::new(RULE).run("list DIR");
    assert_eq!(exit, Exit::Done);
    let row = out.lines().nth(1).unwrap();
    assert!(
        row.starts_with("6f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11  low    process_creation  T1059.004"),
        "{row}"
    );
    assert!(Bench::new(RULE).run("list").1.contains("T1496"));
    let rules = json("list --by rule --format json DIR");
    assert_eq!(titles(&rules), ["Shell", "Quiet", "Again", "Only the quiet one"]);
    assert_eq!(with(&rules, "title", "Again")["kind"], "correlation");
    assert_eq!(with(&rules, "title", "Quiet")["silent"], true);
}

#[test]
fn each_view_has_a_table() {
    for (args, expected) in [
        ("list DIR", "8f1f3a34-3f0c-4a0c-8d3e-0d4a6a4f7b11  high    correlation"),
        ("list --by technique DIR", "\nT1059.004  Unix Shell  "),
        ("list --by tactic DIR", "\nTA0040  Impact                0 of "),
        ("list --by control DIR", "\nnist_800_53  "),
        ("list --exceptions DIR", "\nOld    O      2026-06-01  yes      Shell"),
        ("list --exceptions DIR", "\nNew    O      2026-06-02  no       all of process_creation"),
    ] {
        let (exit, out, _) = bench().run(args);
        assert_eq!(exit, Exit::Done, "{args}");
        assert!(out.contains(expected), "{args}:\n{out}");
        assert!(!out.contains('\x1b') && out.lines().all(|line| line.trim_end() == line), "{args}:\n{out}");
    }
}

#[test]
fn techniques_and_tactics_tell_what_answers_them() {
    let techniques = json("list --by technique --format json DIR");
    let ids: Vec<_> = techniques.as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["T1053.003", "T1059", "T1059.004"]);
    let cron = with(&techniques, "id", "T1053.003");
    assert_eq!(titles(&cron["rules"]), ["Again"], "nobody hears of a silent rule");
    assert_eq!(cron["tactics"][0]["name"], "Execution");
    let tactics = json("list --by tactic --format json DIR");
    let execution = with(&tactics, "name", "Execution");
    assert_eq!(titles(&execution["rules"]), ["Shell", "Again"]);
    assert_eq!(execution["techniques"].as_array().unwrap().len(), 3);
    assert!(execution["of"].as_u64().unwrap() > 3);
    assert_eq!(titles(&with(&tactics, "name", "Impact")["rules"]), Vec::<&str>::new());
}

#[test]
fn controls_are_counted_by_framework() {
    let frameworks = json("list --by control --format json DIR");
    for framework in frameworks.as_array().unwrap() {
        let controls = framework["controls"].as_array().unwrap();
        let answered = controls.iter().filter(|control| !titles(&control["rules"]).is_empty()).count();
        assert_eq!(framework["of"], controls.len());
        assert_eq!(framework["answered"], answered);
    }
    let nist = with(&frameworks, "framework", "nist_800_53");
    assert!(titles(&with(&nist["controls"], "id", "si-4")["rules"]).contains(&"Shell"), "{nist:#}");
    assert!(nist["answered"].as_u64() < nist["of"].as_u64());
}

/// The format's own rules: https://github.com/mitre-attack/attack-navigator, layers/spec/v4.5.
#[test]
fn a_layer_is_as_the_navigator_wants_it() {
    let layer = json("list --format navigator DIR");
    assert_eq!(layer["domain"], "enterprise-attack");
    assert_eq!(layer["versions"]["layer"], FORMAT);
    assert_eq!(layer["versions"]["attack"], **embedded().catalogue.attack_version().unwrap());
    assert_eq!(layer["filters"]["platforms"], serde_json::json!(["Linux", "Containers"]));
    let keys: [(&str, Judge); 8] = [
        ("name", Json::is_string),
        ("description", Json::is_string),
        ("sorting", Json::is_u64),
        ("layout", Json::is_object),
        ("hideDisabled", Json::is_boolean),
        ("techniques", Json::is_array),
        ("legendItems", Json::is_array),
        ("metadata", Json::is_array),
    ];
    for (key, is_right) in keys {
        assert!(is_right(&layer[key]), "{key}: {layer:#}");
    }
    let gradient = &layer["gradient"];
    assert!(gradient["colors"].as_array().unwrap().len() >= 2);
    assert!(gradient["minValue"].as_u64() < gradient["maxValue"].as_u64(), "{gradient}");
    let known = embedded().catalogue;
    for technique in layer["techniques"].as_array().unwrap() {
        let id = technique["techniqueID"].as_str().unwrap();
        assert!(known.technique(id).is_some(), "{id}");
        let rules = technique["comment"].as_str().unwrap().lines().count();
        assert_eq!(technique["score"], rules, "{technique}");
        let score = technique["score"].as_u64().unwrap();
        assert!(score >= 1 && score <= gradient["maxValue"].as_u64().unwrap(), "{technique}");
    }
    assert_eq!(layer["techniques"].as_array().unwrap().len(), 3);
}

#[test]
fn a_layer_shows_nothing_but_techniques() {
    for args in ["list --format navigator --by control DIR", "list --format navigator --exceptions DIR"] {
        assert_eq!(bench().run(args).0, Exit::Usage, "{args}");
    }
    assert_eq!(bench().run("list --format navigator --by technique DIR").0, Exit::Done);
}

#[test]
fn exceptions_that_have_expired_are_told() {
    let exceptions = json("list --exceptions --format json DIR");
    let (new, old) = (with(&exceptions, "title", "New"), with(&exceptions, "title", "Old"));
    assert_eq!((&old["expired"], &new["expired"]), (&Json::Bool(true), &Json::Bool(false)));
    assert_eq!(titles(&old["rules"]), ["Shell"]);
    assert_eq!(new["category"], "process_creation");
    assert_eq!((&old["owner"], &old["reason"]), (&"O".into(), &"Known".into()));
    let (exit, out, _) = bench().run("check DIR");
    let warning = "exceptions/old.yml:1:1: warning: exception `Old` has expired: it applies no more since 2026-06-01\n  help: ";
    assert!(out.contains(warning) && !out.contains("`New`"), "{out}");
    assert!(out.ends_with("good rules: 4, errors: 0, warnings: 1\n"), "{out}");
    assert_eq!(exit, Exit::Done);
}

#[test]
fn correlations_are_tried_too() {
    let good = bench().run("test DIR");
    assert_eq!(good, (Exit::Done, "rules: 4, tests passed: 8, failed: 0\n".into(), String::new()));
    let folder = bench();
    let file = folder.0.path().join("rule.yml");
    let text = fs::read_to_string(&file).unwrap().replace("gte: 2", "gte: 3");
    fs::write(&file, text).unwrap();
    let (exit, out, _) = folder.run("test DIR");
    assert_eq!(exit, Exit::NotSo);
    assert!(out.contains("`Only the quiet one` does not match an event that it must\n"), "{out}");
}
