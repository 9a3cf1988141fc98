//! Nothing is lost without being counted.

use std::{
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

use rampart_e2e::{Account, Agent, Ended, text};
use rustix::process::Signal;
use serde_json::Value as Json;

const CONNECTS: u64 = 100_000;
const EXECS: u64 = 3_000;

fn burst(connects: u64, execs: u64) {
    // A port where nobody listens: the kernel refuses at once and keeps no socket.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for _ in 0..connects {
        drop(TcpStream::connect(("127.0.0.1", port)));
    }
    for _ in 0..execs {
        let status = Command::new("/bin/true").stdin(Stdio::null()).status().unwrap();
        assert!(status.success());
    }
}

fn check(ended: &Ended, kind: &str, at_least: u64) -> Account {
    let account = ended.accounts[kind];
    println!("{kind}: {account:?}");
    assert!(account.is_exact(), "{kind}: {account:?}");
    assert!(account.seen >= at_least, "{kind}: {account:?}");
    account
}

#[test]
fn bursts_are_accounted_for() {
    let agent = Agent::start().unwrap();
    burst(CONNECTS, EXECS);
    let ended = agent.stop(Signal::TERM).unwrap();
    assert!(ended.status.success(), "{:?}", ended.log);
    check(&ended, "connect", CONNECTS);
    check(&ended, "exec", EXECS);
    check(&ended, "fork", EXECS);
    check(&ended, "exit", EXECS);
}

#[test]
fn loss_is_counted_to_the_last_event_and_reported() {
    // Held still, the agent reads nothing: what does not fit into its small ring buffer is lost.
    let agent = Agent::start_with("ring_bytes: 65536").unwrap();
    rampart_e2e::sh(&format!("kill -STOP {}", agent.pid())).unwrap();
    burst(5_000, 100);
    rampart_e2e::sh(&format!("kill -CONT {}", agent.pid())).unwrap();
    let health = agent.wait_for(|finding| text(finding, "/event/action") == "events_lost").unwrap();
    assert_eq!(text(&health, "/rampart/loss/stage"), "ring");
    assert_eq!(text(&health, "/rampart/loss/phase"), "began");
    agent.wait_for(|finding| text(finding, "/event/action") == "events_lost_ended").unwrap();
    let ended = agent.stop(Signal::TERM).unwrap();
    let connects = check(&ended, "connect", 5_000);
    assert!(connects.summarised > 0, "{connects:?}");
    for kind in ["exec", "fork", "exit"] {
        let account = check(&ended, kind, 100);
        assert!(account.lost_ring > 0, "{kind}: {account:?}");
        assert_eq!(reported(&ended, kind), account.lost_ring, "every loss is in a finding");
    }
}

/// What the findings say was lost of a kind when that was over.
fn reported(ended: &Ended, kind: &str) -> u64 {
    let of_kind = |finding: &&Json| {
        text(finding, "/rampart/loss/kind") == kind && text(finding, "/rampart/loss/phase") == "ended"
    };
    let counts = ended.findings.iter().filter(of_kind);
    counts.filter_map(|finding| finding.pointer("/rampart/loss/count")?.as_u64()).sum()
}
