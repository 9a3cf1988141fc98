//! A manager that is told to do something does it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "client/agent.rs"]
mod agent;

use std::{io::Read as _, time::Duration};

use agent::{Agent, KEEPALIVE, STARTUP, digest};
use rampart_testkit::manager::{ControlContent, Keep, Key, Lie, Manager, ManagerBuilder};

const SOON: Duration = Duration::from_secs(20);

const ACK: &str = "#!-agent ack ";

fn with(builder: ManagerBuilder) -> (Manager, Key, Agent) {
    let manager = builder.start().unwrap();
    let key = manager.keys().add("node1", None).unwrap();
    let agent = Agent::started(&manager, &key).unwrap();
    (manager, key, agent)
}

#[test]
fn a_shared_file_is_pushed_until_the_agent_has_it() {
    let file = vec![b'x'; 2000];
    let (manager, key, mut agent) = with(Manager::builder().merged(&file));
    agent.say(KEEPALIVE).unwrap();
    let heard: Vec<String> = (0..6).map(|_| agent.hear().unwrap()).collect();
    let sum = digest(&file);
    let begin = format!("#!-up file {sum} merged.mg\n");
    let chunks = [900, 900, 200].map(|bytes| "x".repeat(bytes));
    let [first, second, third] = chunks;
    assert_eq!(heard, [ACK, &begin, &first, &second, &third, "#!-close file "]);
    agent.say(&KEEPALIVE.replace("x merged.mg", &format!("{sum} merged.mg"))).unwrap();
    assert_eq!(agent.hear().unwrap(), ACK);
    manager.send(&key.id, b"#!-force_reconnect").unwrap();
    assert_eq!(agent.hear().unwrap(), "#!-force_reconnect");
    manager.push_merged(b"").unwrap();
    assert_eq!(agent.hear().unwrap(), format!("#!-up file {} merged.mg\n", digest(b"")));
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn requests_are_asked_and_answered() {
    let (manager, key, mut agent) = with(Manager::builder());
    manager.request_sca_dump(&key.id, "cis_debian12", true).unwrap();
    assert_eq!(agent.hear().unwrap(), "#!-sca-dump:cis_debian12:1");
    manager.send(&key.id, b"#!-req 12 agent getstate").unwrap();
    assert_eq!(agent.hear().unwrap(), "#!-req 12 agent getstate");
    agent.say("#!-req 12 err Not supported").unwrap();
    let response =
        ControlContent::Response { counter: "12".to_owned(), payload: b"err Not supported".to_vec() };
    assert!(
        manager
            .wait_for(SOON, |manager| manager.controls().iter().any(|control| control.content == response))
    );
    manager.send("999", b"#!-force_reconnect").unwrap_err();
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn a_version_that_is_too_high_is_refused() {
    let manager = Manager::builder().max_version("v4.3.0").unwrap().start().unwrap();
    let key = manager.keys().add("node1", None).unwrap();
    let mut agent = Agent::connect(&manager, &key).unwrap();
    agent.say(STARTUP).unwrap();
    assert!(agent.hear().unwrap().starts_with("#!-err {\"message\":"));
    agent.say(&STARTUP.replace("v4.14.7", "v4.3.0")).unwrap();
    assert_eq!(agent.hear().unwrap(), ACK);
    assert_eq!((manager.refusals().len(), manager.violations().len()), (1, 0));
}

#[test]
fn who_was_removed_is_refused() {
    let (manager, key, mut agent) = with(Manager::builder());
    manager.keys().remove(&key.id);
    agent.say(KEEPALIVE).unwrap();
    assert!(agent.is_closed());
    let mut stranger = Agent::connect(&manager, &key).unwrap();
    stranger.say(STARTUP).unwrap();
    assert!(stranger.is_closed());
    assert_eq!((manager.refusals().len(), manager.violations().len()), (2, 0));
}

#[test]
fn a_stalled_manager_takes_everything_afterwards() {
    let (manager, _, mut agent) = with(Manager::builder());
    manager.stall(true);
    agent.say("1:rampart:{}").unwrap();
    agent.say(KEEPALIVE).unwrap();
    agent.stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    agent.hear().unwrap_err();
    assert_eq!(manager.count(), 0);
    manager.stall(false);
    agent.stream.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!(agent.hear().unwrap(), ACK);
    assert_eq!((manager.count(), manager.violations().len()), (1, 0));
}

#[test]
fn an_agent_that_comes_again_waits_for_its_first_connection_to_be_read() {
    let (manager, key, mut first) = with(Manager::builder());
    manager.stall(true);
    first.say("1:rampart:{\"from\":1}").unwrap();
    let mut second = Agent::connect(&manager, &key).unwrap();
    second.counters = first.counters;
    drop(first);
    second.say(STARTUP).unwrap();
    manager.stall(false);
    assert_eq!(second.hear().unwrap(), ACK);
    second.say("1:rampart:{\"from\":2}").unwrap();
    assert!(manager.wait_for(SOON, |manager| manager.count() == 2));
    assert_eq!(manager.messages("rampart"), ["{\"from\":1}", "{\"from\":2}"]);
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn dropped_connections_can_be_made_again() {
    let (manager, key, mut agent) = with(Manager::builder());
    manager.drop_connections();
    assert!(agent.is_closed());
    let mut again = Agent::connect(&manager, &key).unwrap();
    again.counters = agent.counters;
    again.say(STARTUP).unwrap();
    assert_eq!(again.hear().unwrap(), ACK);
    assert_eq!((manager.connections(), manager.violations().len()), (2, 0));
}

#[test]
fn a_manager_can_keep_numbers_only() {
    let find = |message: &[u8]| str::from_utf8(message).ok()?.parse().ok();
    let (manager, _, mut agent) = with(Manager::builder().keep(Keep::Ids(find)));
    let mut frames = Vec::new();
    for number in 0..20_000 {
        agent.counters = (number / 9000, number % 9000 + 2);
        frames.push(agent.frame(format!("1:rampart:{number}").as_bytes()).unwrap());
    }
    for frame in frames {
        agent.send(&frame).unwrap();
    }
    agent.say("1:wazuh-agent:no number").unwrap();
    assert!(manager.wait_for(SOON, |manager| manager.count() == 20_001), "{:?}", manager.violations());
    assert_eq!(manager.ids(), (0..20_000).collect::<Vec<u64>>());
    assert!(manager.received().is_empty());
}

/// What an agent that does not check anything hears of each.
#[test]
fn lies_are_told_as_they_are_named() {
    for lie in Lie::ALL.into_iter().filter(|lie| !lie.is_of_enrolment()) {
        let (manager, _, mut agent) = with(Manager::builder());
        manager.lie(lie);
        agent.say(KEEPALIVE).unwrap();
        agent.stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let heard = agent.hear();
        match lie {
            Lie::Trickle | Lie::AckTwice | Lie::CloseAfterAck => assert_eq!(heard.unwrap(), ACK, "{lie:?}"),
            Lie::UnknownControl | Lie::NotUtf8 => assert_ne!(heard.unwrap(), ACK, "{lie:?}"),
            Lie::Bomb => assert!(heard.is_err(), "{lie:?}"),
            _ => assert!(heard.is_err() || heard.unwrap().is_empty(), "{lie:?}"),
        }
        if lie == Lie::AckTwice {
            assert_eq!(agent.hear().unwrap(), ACK);
        }
        if matches!(lie, Lie::CloseAfterAck | Lie::Truncated) {
            assert_eq!(agent.stream.read(&mut [0; 64]).unwrap(), 0, "{lie:?}");
        }
        manager.lie(None);
        assert_eq!(manager.violations(), Vec::<String>::new(), "{lie:?}");
    }
}

#[test]
fn a_worker_follows_the_keys_of_its_master() {
    let (master, worker) = (Manager::start().unwrap(), Manager::builder().worker().start().unwrap());
    let key = master.keys().add("node1", None).unwrap();
    worker.keys().follow(&master.keys().lines()).unwrap();
    let mut agent = Agent::started(&worker, &key).unwrap();
    // One that stays is not disturbed.
    master.keys().add("node2", None).unwrap();
    worker.keys().follow(&master.keys().lines()).unwrap();
    agent.say(KEEPALIVE).unwrap();
    assert_eq!(agent.hear().unwrap(), ACK);
    worker.keys().follow("").unwrap();
    agent.say(KEEPALIVE).unwrap_or_default();
    assert!(agent.is_closed());
    let seen = worker.drain();
    assert_eq!((seen.controls.len(), seen.refusals.len(), seen.violations), (2, 1, Vec::new()));
    assert!(worker.drain().controls.is_empty());
    worker.keys().follow("no line").unwrap_err();
}
