//! More than can be told one by one: what matters is told all the same, and the rest is summed up by whose it is.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use rampart_e2e::{Agent, Ended, sh, text};
use rustix::process::Signal;
use serde_json::Value as Json;

/// A quarter of it is kept for what must not be lost: the rest holds 20,000 connects.
const RING: &str = "ring_bytes: 4194304";
/// Ten times that.
const FLOOD: u64 = 200_000;
const MOUNTS: u64 = 20;
/// Connects of somebody else, meanwhile.
const OTHERS: u64 = 10;

fn storm(what: &[&str]) -> Child {
    let actor = PathBuf::from(std::env::var_os("RAMPART_ACTOR").unwrap());
    Command::new(actor).arg("storm").args(what).stdout(Stdio::null()).spawn().unwrap()
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

fn count(finding: &Json, pointer: &str) -> u64 {
    finding.pointer(pointer).and_then(Json::as_u64).unwrap_or(0)
}

fn sum_of_floods(ended: &Ended, kind: &str) -> u64 {
    let of_kind = |finding: &&Json| {
        text(finding, "/rampart/flood/kind") == kind && text(finding, "/rampart/flood/phase") == "ended"
    };
    ended.findings.iter().filter(of_kind).map(|finding| count(finding, "/rampart/flood/count")).sum()
}

#[test]
fn a_flood_is_summed_up_and_hides_nothing_else() {
    let agent = Agent::start_with(RING).unwrap();
    // Held still, it takes nothing out of the ring buffer.
    sh(&format!("kill -STOP {}", agent.pid())).unwrap();
    let port = free_port();
    let mut flood = storm(&["connect", &FLOOD.to_string(), &port]);
    assert!(flood.wait().unwrap().success());
    let mut others = storm(&["connect", &OTHERS.to_string(), &port]);
    assert!(others.wait().unwrap().success());
    let mounts = format!("unshare -m sh -ec 'for i in $(seq {MOUNTS}); do mount -t tmpfs none /tmp; done'");
    sh(&mounts).unwrap();
    sh(&format!("kill -CONT {}", agent.pid())).unwrap();

    let flooder = flood.id().to_string();
    let begun = agent
        .wait_for(|finding| {
            text(finding, "/event/action") == "events_summarised" && text(finding, "/process/pid") == flooder
        })
        .unwrap();
    assert_eq!(text(&begun, "/process/name"), "actor");
    assert_eq!(text(&begun, "/rampart/flood/kind"), "connect");

    let ended = agent.stop(Signal::TERM).unwrap();
    let connects = ended.accounts["connect"];
    println!("connect: {connects:?}");
    assert!(connects.is_exact(), "{connects:?}");
    assert!(connects.seen >= FLOOD + OTHERS, "{connects:?}");
    assert!(connects.summarised > FLOOD / 2, "{connects:?}");
    assert_eq!(connects.lost_ring, 0, "{connects:?}");
    assert_eq!(sum_of_floods(&ended, "connect"), connects.summarised, "every one is in somebody's sum");
    let other = others.id().to_string();
    let hit = ended.findings.iter().find(|finding| text(finding, "/process/pid") == other);
    assert!(hit.is_none(), "the room of the others was taken: {hit:?}");
    for kind in ["mount", "exec", "fork", "exit"] {
        let account = ended.accounts[kind];
        println!("{kind}: {account:?}");
        assert!(account.is_exact() && account.seen == account.delivered, "{kind}: {account:?}");
    }
    assert!(ended.accounts["mount"].seen >= MOUNTS);
}

/// In full a minute; `RAMPART_FULL=1` asks for that.
fn seconds() -> u64 {
    if std::env::var_os("RAMPART_FULL").is_some() { 60 } else { 10 }
}

/// How many a second.
const CONNECTS: u64 = 20_000;

#[test]
fn nothing_is_lost_at_a_high_rate_of_connects() {
    let agent = Agent::start().unwrap();
    let times = CONNECTS * seconds();
    let (times_text, rate) = (times.to_string(), CONNECTS.to_string());
    let mut storm = storm(&["connect", &times_text, &free_port(), &rate]);
    assert!(storm.wait().unwrap().success());
    let ended = agent.stop(Signal::TERM).unwrap();
    nothing_lost(&ended, "connect", times);
}

#[test]
fn nothing_is_lost_at_the_highest_rate_of_execs() {
    let agent = Agent::start().unwrap();
    // As fast as one process can, about so many a second.
    let times = 1_000 * seconds();
    let mut storm = storm(&["exec", &times.to_string()]);
    assert!(storm.wait().unwrap().success());
    let ended = agent.stop(Signal::TERM).unwrap();
    for kind in ["exec", "fork", "exit"] {
        nothing_lost(&ended, kind, times);
    }
}

fn nothing_lost(ended: &Ended, kind: &str, at_least: u64) {
    let account = ended.accounts[kind];
    println!("{kind}: {account:?}");
    assert!(account.seen >= at_least, "{kind}: {account:?}");
    assert_eq!(account.delivered, account.seen, "{kind}: {account:?}");
    assert_eq!(account.skipped, 0, "{kind}: {account:?}");
}
