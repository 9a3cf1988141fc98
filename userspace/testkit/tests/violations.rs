//! Everything that no agent may do is told.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "client/agent.rs"]
mod agent;

use std::{io::Write as _, time::Duration};

use agent::{Agent, KEEPALIVE, STARTUP, deflated, padded, with_digest};
use rampart_testkit::manager::{Key, Manager};

const SOON: Duration = Duration::from_secs(20);

fn manager() -> (Manager, Key) {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add("node1", None).unwrap();
    (manager, key)
}

/// A started agent does it, and exactly that is told.
fn told(expected: &str, deed: impl FnOnce(&mut Agent)) -> (Manager, Agent) {
    let (manager, key) = manager();
    let mut agent = Agent::started(&manager, &key).unwrap();
    deed(&mut agent);
    let is_told = manager.wait_for(SOON, |manager| !manager.violations().is_empty());
    assert!(is_told, "nothing was told of: {expected}");
    let violations = manager.violations();
    assert!(
        violations.len() == 1 && violations.iter().all(|told| told.contains(expected)),
        "{expected}: {violations:?}"
    );
    (manager, agent)
}

/// The same, and the connection is over.
fn fatal(expected: &str, deed: impl FnOnce(&mut Agent)) {
    let (manager, mut agent) = told(expected, deed);
    assert!(agent.is_closed(), "{expected}");
    assert_eq!(manager.count(), 0, "{expected}");
}

/// A frame whose text before encryption is what is made of the compressed event.
fn plain(expected: &str, change: fn(Vec<u8>) -> Vec<u8>) {
    fatal(expected, |agent| {
        let clear = agent.clear(b"1:rampart:{}");
        let frame = agent.sealed(&change(deflated(&clear).unwrap())).unwrap();
        agent.send(&frame).unwrap();
    });
}

/// A frame of this text before compression.
fn clear(expected: &str, clear: &[u8]) {
    fatal(expected, |agent| {
        let frame = agent.sealed(&padded(&deflated(clear).unwrap())).unwrap();
        agent.send(&frame).unwrap();
    });
}

#[test]
fn lengths_that_no_frame_has_are_told() {
    fatal("a length of 0", |agent| agent.stream.write_all(&[0; 4]).unwrap());
    fatal("a length of 65537", |agent| agent.stream.write_all(&65_537_u32.to_le_bytes()).unwrap());
    // The right one, big-endian.
    fatal("a length of", |agent| agent.stream.write_all(&100_u32.to_be_bytes()).unwrap());
}

#[test]
fn frames_that_are_not_addressed_as_they_must_be_are_told() {
    for (expected, beginning) in [
        ("an id is in frames", ""),
        ("without a whole id", "!001"),
        ("without a whole id", "!1!"),
        ("without #AES:", "!001!:"),
        ("the id 002 on this", "!002!"),
    ] {
        let manager = Manager::start().unwrap();
        let key = manager.keys().add("node1", None).unwrap();
        manager.keys().add("node2", None).unwrap();
        let mut agent = Agent::started(&manager, &key).unwrap();
        let mut frame = agent.frame(b"1:rampart:{}").unwrap();
        let rest = frame.split_off(key.id.len() + 2);
        agent.send(&[beginning.as_bytes(), &rest].concat()).unwrap();
        assert!(agent.is_closed(), "{expected}");
        let violations = manager.violations();
        assert!(
            violations.len() == 1 && violations.iter().all(|told| told.contains(expected)),
            "{violations:?}"
        );
    }
}

#[test]
fn an_id_where_the_address_says_it_all_is_told() {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add("node1", Some("127.0.0.1")).unwrap();
    let mut agent = Agent::started(&manager, &key).unwrap();
    assert_eq!(manager.violations(), Vec::<String>::new());
    let frame = agent.frame(b"1:rampart:{}").unwrap();
    agent.send(&[b"!001!", frame.as_slice()].concat()).unwrap();
    assert!(agent.is_closed());
    assert_eq!(manager.violations().len(), 1);
}

#[test]
fn ciphertexts_that_are_none_are_told() {
    for (expected, text) in [
        ("no whole number of blocks", &b"#AES:"[..]),
        ("no whole number of blocks", b"#AES:123456789012345"),
        ("does not decrypt", b"#AES:1234567890123456"),
    ] {
        fatal(expected, |agent| {
            let frame = [format!("!{}!", agent.key.id).as_bytes(), text].concat();
            agent.send(&frame).unwrap();
        });
    }
}

#[test]
fn padding_that_is_not_as_it_must_be_is_told() {
    plain("no `!`", |compressed| compressed);
    plain("no multiple of 8", |compressed| {
        let padding = if compressed.len() % 8 == 7 { 2 } else { 1 };
        [vec![b'!'; padding], compressed].concat()
    });
    plain("`!` before the compressed", |compressed| [b"!!!!!!!!", padded(&compressed).as_slice()].concat());
}

#[test]
fn compression_that_is_not_as_it_must_be_is_told() {
    plain("does not inflate", |_| padded(b"this is no zlib stream"));
    plain("is cut", |compressed| padded(compressed.split_at(compressed.len() - 5).0));
    plain("behind the compressed message", |compressed| padded(&[compressed.as_slice(), b"more"].concat()));
    clear("inflates to over", &vec![b'a'; 65_537]);
}

#[test]
fn texts_that_are_not_as_they_must_be_are_told() {
    let message = |head: &str| with_digest(format!("{head}1:rampart:{{}}").as_bytes());
    clear("too short for its digest", b"short");
    clear("a digest that is not", &[&[b'0'; 32], b"123450000000000:0009:1:rampart:{}".as_slice()].concat());
    clear("too short for its random", &with_digest(b"1234"));
    clear("a random number", &message("655360000000000:0009:"));
    clear("a random number", &message("1234x0000000000:0009:"));
    clear("too short for its counters", &with_digest(b"123450000000000:0009"));
    clear("a global counter", &message("12345000000000x:0009:"));
    clear("a local counter that is no", &message("123450000000000:000x:"));
    clear("no colon", &message("123450000000000;0009:"));
    clear("a local counter of 0", &message("123450000000001:0000:"));
    clear("a local counter of 9998", &message("123450000000000:9998:"));
    let long = [b"123450000000000:0009:1:rampart:".as_slice(), &vec![b'a'; 65_400]].concat();
    clear("the limit is", &with_digest(&long));
}

#[test]
fn counters_that_are_not_greater_are_told() {
    fatal("not greater", |agent| {
        agent.counters.1 -= 1;
        agent.say("1:rampart:{}").unwrap();
    });
}

#[test]
fn counters_are_remembered_over_connections() {
    let (manager, key) = manager();
    drop(Agent::started(&manager, &key).unwrap());
    let mut again = Agent::connect(&manager, &key).unwrap();
    again.say(STARTUP).unwrap();
    assert!(again.is_closed());
    assert_eq!(manager.violations().len(), 1, "{:?}", manager.violations());
}

#[test]
fn events_and_keepalives_before_the_startup_is_acknowledged_are_told() {
    for message in ["1:rampart:{}", KEEPALIVE, "#!-agent shutdown "] {
        let (manager, key) = manager();
        let mut agent = Agent::connect(&manager, &key).unwrap();
        agent.say(message).unwrap();
        assert!(manager.wait_for(SOON, |manager| manager.violations().len() == 1), "{message}");
    }
}

#[test]
fn a_startup_that_nobody_answered_is_no_startup() {
    let (manager, key) = manager();
    manager.ack(false);
    let mut agent = Agent::connect(&manager, &key).unwrap();
    agent.say(STARTUP).unwrap();
    agent.say("1:rampart:{}").unwrap();
    assert!(manager.wait_for(SOON, |manager| manager.violations().len() == 1));
}

#[test]
fn what_comes_after_the_shutdown_is_told() {
    drop(told("after the shutdown", |agent| {
        agent.say("#!-agent shutdown ").unwrap();
        agent.say("1:rampart:{}").unwrap();
    }));
}

#[test]
fn control_messages_that_are_none_are_told() {
    for (expected, message) in [
        ("without a version", "#!-agent startup {}"),
        ("of no version", "#!-agent startup {\"version\":\"4.14.7\"}"),
        ("no manager knows", "#!-agent shutdown"),
        ("without the request's counter", "#!-req x"),
        ("a keepalive without a newline", "#!-what is this"),
        ("managers throw away", &format!("{KEEPALIVE}more")),
        ("another version", &KEEPALIVE.replace("v4.14.7", "v4.14.6")),
        ("line 2 of a keepalive", &KEEPALIVE.replace("\"role\"", "role")),
    ] {
        drop(told(expected, |agent| agent.say(message).unwrap()));
    }
}

#[test]
fn events_that_are_none_are_told() {
    for (expected, message) in [
        ("without a queue", "rampart"),
        ("without a location", "1:rampart"),
        ("that no agent may use", "4:rampart:{}"),
        ("that managers throw away", "1:keepalive-of-mine:{}"),
        ("the wrong location", "8:rampart:{}"),
        ("of type summary without", "p:sca:{\"type\":\"summary\"}"),
        ("a JSON object", "p:sca:[]"),
        ("escapes nothing", "1:a|b:{}"),
        ("an empty event", "1:rampart:"),
        ("a NUL", "1:rampart:a\0b"),
    ] {
        drop(told(expected, |agent| agent.say(message).unwrap()));
    }
}

#[test]
fn a_second_connection_of_an_agent_is_told() {
    let (manager, key) = manager();
    let first = Agent::started(&manager, &key).unwrap();
    let mut second = Agent::connect(&manager, &key).unwrap();
    second.counters = first.counters;
    second.say(STARTUP).unwrap();
    assert!(second.is_closed());
    assert!(
        manager.violations().iter().all(|told| told.contains("already in use")),
        "{:?}",
        manager.violations()
    );
    assert_eq!(manager.violations().len(), 1);
}

#[test]
fn a_connection_that_was_idle_for_long_is_overtaken() {
    let manager = Manager::builder().overtake(Duration::ZERO).start().unwrap();
    let key = manager.keys().add("node1", None).unwrap();
    let mut first = Agent::started(&manager, &key).unwrap();
    let mut second = Agent::connect(&manager, &key).unwrap();
    second.counters = first.counters;
    second.say(STARTUP).unwrap();
    assert_eq!(second.hear().unwrap(), "#!-agent ack ");
    assert!(first.is_closed());
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn a_keepalive_that_comes_too_late_is_told() {
    let manager = Manager::builder().keepalive_limit(Duration::ZERO).start().unwrap();
    let key = manager.keys().add("node1", None).unwrap();
    let mut agent = Agent::started(&manager, &key).unwrap();
    agent.say(KEEPALIVE).unwrap();
    agent.hear().unwrap();
    assert!(manager.violations().iter().all(|told| told.contains("no keepalive for")));
    assert_eq!(manager.violations().len(), 1);
}
