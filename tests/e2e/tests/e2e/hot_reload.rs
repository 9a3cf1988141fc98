//! Rules whose folders change are loaded again without being asked.

use std::{fs, os::unix::fs::symlink, path::Path};

use rampart_e2e::{Agent, sh, text};
use rustix::process::Signal;

/// Finds shells whose command line has the name in it.
fn rule(name: &str, number: u32) -> String {
    format!(
        "\
title: {name}
id: 5e0cbe6c-95d6-4f1c-9f6c-{number:012}
status: test
description: Only the test does it.
logsource: {{product: linux, category: process_creation}}
detection: {{selection: {{CommandLine|contains: {name}}}, condition: selection}}
level: low
tags: [attack.t1496]
tests: {{match: [{{CommandLine: x {name}}}], no_match: [{{CommandLine: x}}]}}
"
    )
}

fn start(rules: &Path) -> Agent {
    Agent::start_with(&format!("policies: [{}]", rules.display())).unwrap()
}

fn wait_for_rules(agent: &Agent, count: usize, times: usize) {
    let line = format!("rules loaded again rules={count}");
    agent.wait_for_log(|log| log.matches(&line).count() == times).unwrap();
}

/// A deed that the rule of that name finds, and waits until it has. `mark` tells it from others.
fn is_found(agent: &Agent, name: &str, mark: &str) {
    sh(&format!("true {name} {mark}")).unwrap();
    agent
        .wait_for(|finding| {
            text(finding, "/rule/name") == name && text(finding, "/process/command_line").contains(mark)
        })
        .unwrap();
}

#[test]
fn a_new_file_and_a_new_folder_take_effect() {
    let rules = tempfile::tempdir().unwrap();
    fs::write(rules.path().join("one.yml"), rule("first-of-all", 1)).unwrap();
    let agent = start(rules.path());
    is_found(&agent, "first-of-all", "at-first");
    fs::write(rules.path().join("two.yml"), rule("second-of-all", 2)).unwrap();
    wait_for_rules(&agent, 2, 1);
    is_found(&agent, "second-of-all", "then");
    // In a folder that has not been there before.
    fs::create_dir_all(rules.path().join("more")).unwrap();
    fs::write(rules.path().join("more/three.yml"), rule("third-of-all", 3)).unwrap();
    wait_for_rules(&agent, 3, 1);
    fs::write(rules.path().join("more/four.yml"), rule("fourth-of-all", 4)).unwrap();
    wait_for_rules(&agent, 4, 1);
    for name in ["first-of-all", "third-of-all", "fourth-of-all"] {
        is_found(&agent, name, "at-last");
    }
    assert!(agent.stop(Signal::TERM).unwrap().status.success());
}

/// What the kubelet does: a new folder, and one rename that makes it the current one.
fn project(volume: &Path, generation: &str, rule: &str) {
    let folder = volume.join(format!("..{generation}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("rule.yml"), rule).unwrap();
    symlink(format!("..{generation}"), volume.join("..data_tmp")).unwrap();
    fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
}

#[test]
fn a_config_map_that_is_swapped_takes_effect() {
    let volume = tempfile::tempdir().unwrap();
    project(volume.path(), "2026_01_01", &rule("of-january", 1));
    symlink("..data/rule.yml", volume.path().join("rule.yml")).unwrap();
    let agent = start(volume.path());
    is_found(&agent, "of-january", "before");
    project(volume.path(), "2026_02_01", &rule("of-february", 2));
    fs::remove_dir_all(volume.path().join("..2026_01_01")).unwrap();
    wait_for_rules(&agent, 1, 1);
    sh("true of-january after").unwrap();
    is_found(&agent, "of-february", "after");
    let ended = agent.stop(Signal::TERM).unwrap();
    let of_january = ended.findings.iter().filter(|finding| text(finding, "/rule/name") == "of-january");
    assert_eq!(of_january.count(), 1, "{:?}", ended.log);
}

#[test]
fn what_is_not_good_changes_nothing_until_it_is_repaired() {
    let rules = tempfile::tempdir().unwrap();
    fs::write(rules.path().join("good.yml"), rule("always-good", 1)).unwrap();
    let agent = start(rules.path());
    let other = rules.path().join("other.yml");
    let failing = rule("repaired-one", 2).replace("{CommandLine: x}", "{CommandLine: repaired-one}");
    for (number, (text_of_file, place)) in
        [("title: [\n", "other.yml:"), (&failing, "other.yml:9:")].into_iter().enumerate()
    {
        fs::write(&other, text_of_file).unwrap();
        let is_refused = |finding: &serde_json::Value| {
            text(finding, "/event/action") == "reload_refused"
                && text(finding, "/error/message").contains(place)
        };
        let refused = agent.wait_for(is_refused).unwrap();
        println!("{}", text(&refused, "/error/message"));
        is_found(&agent, "always-good", &format!("while-broken-{number}"));
        fs::write(&other, rule("repaired-one", 2)).unwrap();
        wait_for_rules(&agent, 2, number + 1);
        is_found(&agent, "repaired-one", &format!("when-repaired-{number}"));
    }
    let ended = agent.stop(Signal::TERM).unwrap();
    assert!(ended.status.success(), "{:?}", ended.log);
    let refusals = ended.findings.iter().filter(|found| text(found, "/event/action") == "reload_refused");
    assert_eq!(refusals.count(), 2, "each is told once: {:?}", ended.log);
}

#[test]
fn nothing_happens_where_nothing_has_changed() {
    let rules = tempfile::tempdir().unwrap();
    let file = rules.path().join("one.yml");
    fs::write(&file, rule("unchanged-one", 1)).unwrap();
    let agent = start(rules.path());
    fs::write(&file, rule("unchanged-one", 1)).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    fs::write(rules.path().join("two.yml"), rule("changed-one", 2)).unwrap();
    wait_for_rules(&agent, 2, 1);
    let log = agent.log().join("\n");
    assert_eq!(log.matches("rules loaded again").count(), 1, "{log}");
}
