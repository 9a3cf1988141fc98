//! Rules are loaded again at SIGHUP, and hooks come and go with them.

use std::{fs, path::Path};

use rampart_e2e::{Agent, sh, text};
use rustix::process::Signal;
use serde_json::Value as Json;

const OF_EXECS: &str = "\
title: A program that is nobody's
id: 6a5bb6ae-4d5c-4f0e-9f0b-0f6d4a1f5b61
status: test
description: Only the test has it.
falsepositives: [None.]
logsource: {product: linux, category: process_creation}
detection: {selection: {Image|endswith: /nobodys-program}, condition: selection}
level: low
tests: {match: [{Image: /x/nobodys-program}], no_match: [{Image: /bin/sh}]}
";

fn of_files(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "\
title: A file was made
id: 1b0d1a54-3a1f-4d0e-8a55-7b6f7f0c2d11
status: test
description: Only the test makes it.
falsepositives: [None.]
logsource: {{product: linux, category: file_event}}
detection: {{selection: {{TargetFilename|startswith: {folder}/}}, condition: selection}}
level: low
tests: {{match: [{{TargetFilename: {folder}/x}}], no_match: [{{TargetFilename: /x}}]}}
"
    )
}

fn hangup(agent: &Agent) {
    sh(&format!("kill -HUP {}", agent.pid())).unwrap();
}

fn is_of_file(finding: &Json) -> bool {
    text(finding, "/rule/name") == "A file was made"
}

/// Hooks attached after each change, as the log tells them.
fn hooks(agent: &Agent) -> Vec<u32> {
    let log = agent.log();
    let numbers = log.iter().filter_map(|line| line.split_once("hooks changed hooks=")?.1.parse().ok());
    numbers.collect()
}

#[test]
fn hooks_follow_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let (rules, watched) = (folder.path().join("rules"), folder.path().join("watched"));
    fs::DirBuilder::new().create(&rules).unwrap();
    fs::DirBuilder::new().create(&watched).unwrap();
    fs::write(rules.join("execs.yml"), OF_EXECS).unwrap();
    let agent =
        Agent::start_with(&format!("policies: [{}]\nwatch_policies: false", rules.display())).unwrap();
    fs::write(watched.join("before"), "").unwrap();

    fs::write(rules.join("files.yml"), of_files(&watched)).unwrap();
    hangup(&agent);
    agent.wait_for_log(|log| log.contains("hooks changed")).unwrap();
    fs::write(watched.join("after"), "").unwrap();
    let found = agent.wait_for(is_of_file).unwrap();
    assert_eq!(text(&found, "/file/path"), watched.join("after").display().to_string());

    // What is not good changes nothing.
    fs::write(rules.join("bad.yml"), "title: [\n").unwrap();
    hangup(&agent);
    let refused = agent.wait_for(|finding| text(finding, "/event/action") == "reload_refused").unwrap();
    assert!(text(&refused, "/error/message").contains("bad.yml:"), "{refused}");
    fs::write(watched.join("still"), "").unwrap();
    let still = watched.join("still").display().to_string();
    agent.wait_for(|finding| is_of_file(finding) && text(finding, "/file/path") == still).unwrap();

    fs::remove_file(rules.join("bad.yml")).unwrap();
    fs::remove_file(rules.join("files.yml")).unwrap();
    hangup(&agent);
    agent.wait_for_log(|log| log.matches("hooks changed").count() == 2).unwrap();
    let [with, without] = hooks(&agent)[..] else { panic!("{:?}", agent.log()) };
    assert!(with > without, "{with} {without}");
    let ended = agent.stop(Signal::TERM).unwrap();
    assert!(ended.status.success(), "{:?}", ended.log);
    assert!(ended.accounts["file"].is_exact(), "{:?}", ended.accounts);
}
