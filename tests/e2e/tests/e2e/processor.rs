//! Processes that keep a processor busy.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use rampart_e2e::{Agent, text};
use rustix::process::Signal;
use serde_json::Value as Json;

const RULE: &str = "\
title: A processor kept busy
id: 2b7f4a54-0f0e-4e77-9d4c-6a4f5f9d0c01
status: test
description: Only the test does it.
logsource: {product: linux, category: process_creation}
detection: {busy: {CommandLine|contains: burn, process.ancestors.executable|contains: e2e}, condition: busy}
level: low
tags: [attack.t1496]
tests: {match: [{CommandLine: burn 1, process.ancestors.executable: e2e}], no_match: [{CommandLine: burn 1}]}
";

/// Much less than a busy loop gets on a busy machine.
const CONFIG: &str = "cpu: {percent: 20, seconds: 2, interval_seconds: 1}";

/// One that burns, and one that sleeps.
fn actor(deed: &str, milliseconds: u32) -> Child {
    let actor = std::env::var_os("RAMPART_ACTOR").unwrap();
    let time = milliseconds.to_string();
    Command::new(actor).args([deed, &time]).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn is_of(finding: &Json, child: &Child) -> bool {
    text(finding, "/process/pid") == child.id().to_string()
}

#[test]
fn who_keeps_a_processor_busy_is_found_once() {
    let rules = tempfile::tempdir().unwrap();
    let rule = RULE.replace("process_creation", "process_cpu");
    fs::write(rules.path().join("busy.yml"), rule).unwrap();
    let agent = Agent::start_with(&format!("policies: [{}]\n{CONFIG}", rules.path().display())).unwrap();
    let (busy, idle) = (actor("burn", 60_000), actor("sleep", 60_000));
    let found = agent.wait_for(|finding| is_of(finding, &busy)).unwrap();
    println!("{}", text(&found, "/message"));
    assert_eq!(text(&found, "/event/action"), "process_cpu");
    assert!((20..=110).contains(&found["rampart"]["cpu"]["percent"].as_u64().unwrap()), "{found}");
    assert!((2..=10).contains(&found["rampart"]["cpu"]["seconds"].as_u64().unwrap()), "{found}");
    assert_eq!(text(&found, "/process/parent/pid"), std::process::id().to_string());
    std::thread::sleep(std::time::Duration::from_secs(3));
    let ended = agent.stop(Signal::TERM).unwrap();
    assert_eq!(ended.findings.iter().filter(|finding| is_of(finding, &busy)).count(), 1);
    assert!(!ended.findings.iter().any(|finding| is_of(finding, &idle)));
    let account = ended.accounts["cpu"];
    assert!(account.is_exact() && account.delivered >= 1, "{account:?}");
    end(busy);
    end(idle);
}

/// Nobody looks while no rule asks for it; and somebody does as soon as one does.
#[test]
fn processors_are_looked_at_for_rules_that_ask() {
    let rules = tempfile::tempdir().unwrap();
    let file = rules.path().join("busy.yml");
    fs::write(&file, RULE).unwrap();
    let agent = Agent::start_with(&format!("policies: [{}]\n{CONFIG}", rules.path().display())).unwrap();
    let busy = actor("burn", 120_000);
    agent.wait_for(|finding| is_of(finding, &busy)).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert_eq!(agent.findings().len(), 1, "the beginning of the program");
    fs::write(&file, RULE.replace("process_creation", "process_cpu")).unwrap();
    agent.wait_for(|finding| text(finding, "/event/action") == "process_cpu").unwrap();
    assert!(agent.stop(Signal::TERM).unwrap().status.success());
    end(busy);
}
