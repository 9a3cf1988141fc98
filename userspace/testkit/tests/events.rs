//! Agents that keep to the protocol are let in and heard.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "client/agent.rs"]
mod agent;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use agent::{Agent, KEEPALIVE, STARTUP};
use rampart_testkit::manager::{ControlContent, Key, KeyStore, Manager};

const SOON: Duration = Duration::from_secs(20);

/// What a real agent's code made of a startup, and a real manager's took.
const VECTOR: &str = "6a0000002130303121234145533a2a8350a2e316583d180b3287ad087cbacf5faca2ebb09d2a2b5a266614fef8ae84a8c295\
    3347422352a2dba708687fa6699d669a655dfc1813320dc7650b0e434c11cadff9aafe09104e0427073139b6e472c68c755bbe7fcb9c99ac3bdaf7\
    8f";

fn manager() -> (Manager, Key) {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add("node1", None).unwrap();
    (manager, key)
}

#[test]
fn what_a_real_agent_says_is_taken() {
    let manager = Manager::start().unwrap();
    let secret = "0123456789abcdef".repeat(4);
    manager.keys().insert(&format!("001 node1 any {secret}")).unwrap();
    let pairs = VECTOR.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    let mut agent = Agent::connect(&manager, &manager.keys().get("001").unwrap()).unwrap();
    agent.stream.write_all(&bytes).unwrap();
    assert_eq!(agent.hear().unwrap(), "#!-agent ack ");
    let startup = ControlContent::Startup { version: "v4.14.7".to_owned() };
    assert_eq!(manager.controls()[0].content, startup);
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn events_are_kept_in_order() {
    let (manager, key) = manager();
    let mut agent = Agent::started(&manager, &key).unwrap();
    for number in 0..1000 {
        agent.say(&format!("1:rampart:{{\"number\":{number}}}")).unwrap();
    }
    agent.say("p:sca:{\"type\":\"policies\",\"policies\":[]}").unwrap();
    agent.say("8:syscheck:{\"type\":\"event\"}").unwrap();
    agent.say(KEEPALIVE).unwrap();
    assert_eq!(agent.hear().unwrap(), "#!-agent ack ");
    let numbers: Vec<String> = (0..1000).map(|number| format!("{{\"number\":{number}}}")).collect();
    assert_eq!(manager.messages("rampart"), numbers);
    assert_eq!(manager.received().last().map(|event| event.queue), Some(b'8'));
    agent.say("#!-agent shutdown ").unwrap();
    drop(agent);
    assert!(manager.wait_for(SOON, |manager| manager.controls().len() == 3 && !manager.has(&key.id)));
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn a_ping_is_answered_before_anything_else() {
    let (manager, _) = manager();
    let mut stream = TcpStream::connect(manager.events_address()).unwrap();
    stream.write_all(b"\x05\0\0\0#ping").unwrap();
    let mut pong = [0; 9];
    stream.read_exact(&mut pong).unwrap();
    assert_eq!(&pong, b"\x05\0\0\0#pong");
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn a_killed_manager_is_gone_and_can_come_back() {
    let (manager, key) = manager();
    let mut agent = Agent::started(&manager, &key).unwrap();
    manager.kill();
    assert!(agent.is_closed());
    TcpStream::connect(manager.events_address()).unwrap_err();
    manager.revive().unwrap();
    let counters = agent.counters;
    let mut agent = Agent::connect(&manager, &key).unwrap();
    agent.counters = counters;
    agent.say(STARTUP).unwrap();
    agent.hear().unwrap();
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn a_manager_that_is_started_again_knows_agents_and_counters() {
    let keys = KeyStore::new();
    let key = keys.add("node1", None).unwrap();
    let first = Manager::builder().keys(&keys).start().unwrap();
    let address = first.events_address();
    let before = Agent::started(&first, &key).unwrap().counters;
    drop(first);
    let second = Manager::builder().keys(&keys).events_address(address).start().unwrap();
    let mut agent = Agent::connect(&second, &key).unwrap();
    agent.counters = before;
    agent.say(STARTUP).unwrap();
    assert_eq!(agent.hear().unwrap(), "#!-agent ack ");
    assert_eq!(second.violations(), Vec::<String>::new());
    drop(agent);
    let mut forgetful = Agent::connect(&second, &key).unwrap();
    forgetful.say(STARTUP).unwrap();
    assert!(forgetful.is_closed());
    assert!(second.violations()[0].contains("not greater"), "{:?}", second.violations());
}
