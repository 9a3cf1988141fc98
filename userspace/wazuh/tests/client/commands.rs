use std::time::Duration;

use rampart_testkit::manager::{ControlContent, Manager};
use rampart_wazuh::{Answers, Queue, Step, event};

use crate::agent::{Agent, NAME, PATIENCE, config, folder, numbers, violations};

fn start() -> (Manager, tempfile::TempDir, String) {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add(NAME, None).unwrap();
    let folder = folder(Some(&key));
    (manager, folder, key.id)
}

#[test]
fn a_forced_reconnection_loses_nothing() {
    let (manager, folder, id) = start();
    let agent = Agent::start(config(folder.path(), &[&manager]));
    for round in 0..3 {
        agent.wait("served again", |agent| agent.status.counters().connections.get() == round + 1);
        agent.feed.add(round * 100..round * 100 + 100);
        assert!(manager.wait_for(PATIENCE, |manager| manager.send(&id, b"#!-force_reconnect").is_ok()));
    }
    agent.wait_confirmed(300);
    assert_eq!(numbers(&manager), (0..300).collect::<Vec<_>>(), "each once: it leaves when all is confirmed");
    violations(&[&manager]);
}

#[test]
fn a_shared_file_is_read_once_and_its_sum_is_reported() {
    let (manager, folder, id) = start();
    let agent = Agent::start(config(folder.path(), &[&manager]));
    agent.wait_connected(&manager);
    let file = "#default\n!12 agent.conf\n".repeat(300).into_bytes();
    manager.push_merged(&file).unwrap();
    agent.wait("the file", |agent| agent.status.counters().shared_files.get() > 0);
    let reports = |manager: &Manager| {
        manager
            .controls()
            .iter()
            .any(|c| matches!(&c.content, ControlContent::Keepalive(k) if k.merged_sum.is_some()))
    };
    assert!(manager.wait_for(PATIENCE, reports));
    // It would be pushed with each keepalive if the sum were another.
    let keepalives = agent.status.counters().keepalives.get();
    agent.wait("keepalives", |agent| agent.status.counters().keepalives.get() > keepalives + 2);
    assert!(agent.status.counters().shared_files.get() <= 2);
    assert!(manager.has(&id));
    violations(&[&manager]);
}

#[test]
fn commands_are_refused_counted_and_answered() {
    let (manager, folder, id) = start();
    let agent = Agent::start(config(folder.path(), &[&manager]));
    agent.wait_connected(&manager);
    for (kind, text) in [
        ("active_response", r#"#!-execd {"command":"restart"}"#),
        ("request", "#!-req 7 agent getstate"),
        ("sync", "#!-syscheck dbsync no_data"),
        ("unknown", "#!-whatever"),
        ("unknown", "text"),
        ("error", r#"#!-err {"message":"of no importance"}"#),
        ("shared_file", "#!-close file "),
    ] {
        let before = agent.ignored(kind);
        manager.send(&id, text.as_bytes()).unwrap();
        agent.wait(text, |agent| agent.ignored(kind) == before + 1);
    }
    let answers = |manager: &Manager| {
        let answer = |content: &ControlContent| matches!(content, ControlContent::Response { counter, payload } if counter == "7" && payload == b"err Not supported");
        manager.controls().iter().any(|control| answer(&control.content))
    };
    assert!(manager.wait_for(PATIENCE, answers));
    assert_eq!(agent.status.counters().connections.get(), 1);
    violations(&[&manager]);
}

struct Policies;

impl Answers for Policies {
    fn sca_dump(&mut self, policy: &str, first: bool) -> Vec<Step> {
        let result = |what: &str| {
            Step::Event(event(Queue::LocalFile, "state", format!(r#"{{"{what}":"{policy}"}}"#).as_bytes()))
        };
        let mut steps = vec![result("check"), Step::Pause(Duration::from_millis(20)), result("end")];
        if first {
            steps.push(result("summary"));
        }
        steps
    }

    fn state(&mut self) -> Vec<Vec<u8>> {
        vec![event(Queue::LocalFile, "state", br#"{"policies":"all"}"#)]
    }
}

#[test]
fn results_are_sent_when_they_are_asked_for_and_the_state_at_each_connection() {
    let (manager, folder, id) = start();
    let agent = Agent::with(config(folder.path(), &[&manager]), Policies);
    assert!(manager.wait_for(PATIENCE, |manager| manager.messages("state").len() == 1));
    manager.request_sca_dump(&id, "b", true).unwrap();
    manager.request_sca_dump(&id, "a", false).unwrap();
    assert!(manager.wait_for(PATIENCE, |manager| manager.messages("state").len() == 6));
    manager.drop_connections();
    assert!(manager.wait_for(PATIENCE, |manager| manager.messages("state").len() == 7));
    let expected = [
        r#"{"policies":"all"}"#,
        r#"{"check":"b"}"#,
        r#"{"end":"b"}"#,
        r#"{"summary":"b"}"#,
        r#"{"check":"a"}"#,
        r#"{"end":"a"}"#,
        r#"{"policies":"all"}"#,
    ];
    assert_eq!(manager.messages("state"), expected);
    drop(agent);
    violations(&[&manager]);
}
