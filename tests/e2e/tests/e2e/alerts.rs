//! What people are told: what belongs together in one finding, what is the same once, what is excepted not at all.

use std::{fs, thread, time::Duration};

use rampart_e2e::{Agent, sh, text};
use rustix::process::Signal;
use serde_json::Value as Json;

/// A shell under this test whose command line has `seen-by-nobody-else` in it; three of one mark; and what is excepted.
const RULES: &str = "\
title: A shell of ours
name: shell_of_ours
id: 9d0c2f3e-55f1-4e43-9f5e-0d1f0a7b1a01
status: test
description: Only the test starts it.
logsource: {product: linux, category: process_creation}
detection:
  selection: {CommandLine|contains: seen-by-nobody-else, process.ancestors.executable|contains: e2e}
  condition: selection
level: low
tests:
  match: [{CommandLine: sh seen-by-nobody-else, process.ancestors.executable: [/bin/sh, /x/e2e-1]}]
  no_match: [{CommandLine: sh, process.ancestors.executable: [/x/e2e-1]}, {CommandLine: sh seen-by-nobody-else}]
---
title: Three shells of ours
id: 9d0c2f3e-55f1-4e43-9f5e-0d1f0a7b1a02
status: test
description: Only the test starts so many.
correlation:
  type: value_count
  rules: [shell_of_ours]
  group-by: [CurrentDirectory]
  timespan: 1m
  condition: {field: CommandLine, gte: 3}
generate: true
level: high
tests:
  match:
    - - {CommandLine: seen-by-nobody-else 1, process.ancestors.executable: e2e}
      - {CommandLine: seen-by-nobody-else 2, process.ancestors.executable: e2e}
      - {CommandLine: seen-by-nobody-else 3, process.ancestors.executable: e2e}
  no_match: [[{CommandLine: seen-by-nobody-else 1}, {CommandLine: seen-by-nobody-else 1}]]
";

const EXCEPTIONS: &str = "\
title: Known shells
id: 9d0c2f3e-55f1-4e43-9f5e-0d1f0a7b1a03
owner: the test
reason: It starts them itself.
expires: 2999-01-01
rules: [shell_of_ours]
detection: {known: {CommandLine|contains: known-to-us}, condition: known}
---
title: Shells known last year
id: 9d0c2f3e-55f1-4e43-9f5e-0d1f0a7b1a04
owner: the test
reason: It started them once.
expires: 2020-01-01
rules: [shell_of_ours]
detection: {known: {CommandLine|contains: known-last-year}, condition: known}
";

fn start(alerts: &str) -> (tempfile::TempDir, Agent) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.yml"), RULES).unwrap();
    fs::create_dir_all(folder.path().join("exceptions")).unwrap();
    fs::write(folder.path().join("exceptions/known.yml"), EXCEPTIONS).unwrap();
    let policies = format!("policies: [{}]\nalerts: {{{alerts}}}", folder.path().display());
    let agent = Agent::start_with(&policies).unwrap();
    (folder, agent)
}

fn shell(arguments: &str) {
    sh(&format!("true seen-by-nobody-else {arguments}")).unwrap();
}

fn named<'f>(findings: &'f [Json], rule: &str) -> Vec<&'f Json> {
    findings.iter().filter(|finding| text(finding, "/rule/name") == rule).collect()
}

#[test]
fn matches_that_belong_together_are_one_finding() {
    let (_folder, agent) = start("");
    for mark in ["one", "two", "two", "three"] {
        shell(mark);
    }
    let found = agent.wait_for(|finding| text(finding, "/rule/name") == "Three shells of ours").unwrap();
    assert_eq!(found["rampart"]["correlation"]["measured"], "3 different values of CommandLine");
    assert_eq!(found["rampart"]["correlation"]["matches"], 4);
    assert!(text(&found, "/rampart/correlation/group/CurrentDirectory").starts_with('/'), "{found}");
    assert!(text(&found, "/event/start") < text(&found, "/event/end"), "{found}");
    assert!(text(&found, "/process/command_line").ends_with("three"), "{found}");
    assert!(agent.stop(Signal::TERM).unwrap().status.success());
}

#[test]
fn the_same_is_told_once_and_then_with_a_count() {
    let (_folder, agent) = start("fold_seconds: 2");
    for _ in 0..5 {
        shell("again");
    }
    let repeated = |finding: &Json| finding.pointer("/rampart/repeated/count").is_some();
    let found = agent.wait_for(repeated).unwrap();
    assert_eq!(found["rampart"]["repeated"]["count"], 4);
    assert!(text(&found, "/message").ends_with("(4 times more)"), "{found}");
    assert_eq!(named(&agent.findings(), "A shell of ours").len(), 2);
    shell("again");
    let ended = agent.stop(Signal::TERM).unwrap();
    assert!(ended.status.success(), "{:?}", ended.log);
}

#[test]
fn a_rule_that_makes_too_many_is_limited_and_says_so() {
    let (_folder, agent) = start("fold_seconds: 0, per_rule_per_minute: 2");
    for _ in 0..5 {
        shell("many");
    }
    agent.wait_for(|finding| text(finding, "/event/action") == "findings_limited").unwrap();
    assert_eq!(
        named(&agent.findings(), "A shell of ours").len(),
        3,
        "two, and the report, which names the rule as well"
    );
    assert!(agent.stop(Signal::TERM).unwrap().status.success());
}

#[test]
fn what_is_excepted_is_not_told_and_what_has_expired_is() {
    let (_folder, agent) = start("");
    let expired = agent.wait_for(|finding| text(finding, "/event/action") == "exception_expired").unwrap();
    assert_eq!(text(&expired, "/rampart/exception/title"), "Shells known last year");
    for mark in ["known-to-us", "known-to-us", "known-last-year"] {
        shell(mark);
    }
    agent.wait_for(|finding| text(finding, "/process/command_line").contains("known-last-year")).unwrap();
    thread::sleep(Duration::from_millis(200));
    let told = agent.findings();
    assert!(
        !told.iter().any(|finding| text(finding, "/process/command_line").contains("known-to-us")),
        "{told:?}"
    );
    let ended = agent.stop(Signal::TERM).unwrap();
    let of_no_use = ended.log.iter().filter(|line| line.contains("an exception was of no use")).count();
    assert!(ended.status.success() && of_no_use == 1, "{:?}", ended.log);
}
