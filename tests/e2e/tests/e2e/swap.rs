//! Rules that are replaced again and again while much happens: every event is judged, by one whole set.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use rampart_e2e::{Agent, Ended, text};
use rustix::process::Signal;

const SWAPS: u32 = 100;

/// Memory is taken as the least after each of so many swaps: while rules are loaded there are two sets. Those before the
/// second such row make the caches warm.
const SAMPLES: usize = 10;

/// Rules that nothing matches, read between the two that matter: so it takes a while to read all.
const OTHERS: u32 = 100;

/// Reloads that must have come of it at least.
const RELOADS: usize = 20;

fn rule(number: u32, title: &str, network: &str, matching: &str) -> String {
    format!(
        "\
title: {title}
id: 7d1f0f52-3d1e-4a53-8b60-{number:012}
status: test
description: Only the test does it.
logsource: {{product: linux, category: network_connection}}
detection: {{selection: {{DestinationIp|cidr: {network}}}, condition: selection}}
level: low
tags: [attack.t1496]
tests: {{match: [{{DestinationIp: {matching}}}], no_match: [{{DestinationIp: 10.0.0.1}}]}}
"
    )
}

/// A set of which the first and the last file match each deed. Files of both generations have the same names.
fn write(folder: &Path, generation: &str) {
    fs::create_dir_all(folder).unwrap();
    for (number, name, part) in [(1, "a.yml", "first"), (2, "z.yml", "last")] {
        let rule = rule(number, &format!("{generation} {part}"), "127.77.0.0/16", "127.77.1.1");
        fs::write(folder.join(name), rule).unwrap();
    }
    for number in 0..OTHERS {
        let rule = rule(100 + number, "Other", "192.0.2.0/24", "192.0.2.1");
        fs::write(folder.join(format!("m{number}.yml")), rule).unwrap();
    }
}

fn point(link: &Path, to: &str) {
    let new = link.with_file_name("new");
    symlink(to, &new).unwrap();
    fs::rename(new, link).unwrap();
}

/// Some come before anybody has read, most when it has just begun, or a little later.
fn pause(swap: u32) -> Duration {
    let millis = if swap.is_multiple_of(4) { 20 } else { 250 + (swap * 7) % 130 };
    Duration::from_millis(millis.into())
}

/// Deeds are told apart by their address.
fn address(deed: u32) -> Ipv4Addr {
    let [_, _, high, low] = deed.to_be_bytes();
    Ipv4Addr::new(127, 77, high, low)
}

/// Connects again and again; gives how often.
fn deeds(port: u16, stop: &AtomicBool) -> u32 {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        drop(TcpStream::connect((address(count), port)));
        count += 1;
        thread::sleep(Duration::from_millis(4));
    }
    count
}

/// What others do meanwhile.
fn load(port: u16) -> Child {
    let actor = PathBuf::from(std::env::var_os("RAMPART_ACTOR").unwrap());
    let port = port.to_string();
    let storm = ["storm", "connect", "1000000", &port, "2000"];
    Command::new(actor).args(storm).stdout(Stdio::null()).spawn().unwrap()
}

/// By address, the rules that found it.
fn findings(ended: &Ended) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for finding in &ended.findings {
        let address = text(finding, "/destination/ip");
        if address.starts_with("127.77.") {
            found.entry(address).or_default().push(text(finding, "/rule/name"));
        }
    }
    for rules in found.values_mut() {
        rules.sort_unstable();
    }
    found
}

#[test]
fn every_event_is_judged_by_one_whole_set() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a"), "A");
    write(&folder.path().join("b"), "B");
    let rules = folder.path().join("rules");
    point(&rules, "a");
    // Each finding is told: what is the same is not folded, and no rule is held back.
    let alerts = "alerts: { fold_seconds: 0, per_rule_per_minute: 0 }";
    let agent = Agent::start_with(&format!("policies: [{}]\n{alerts}", rules.display())).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut others = load(port);
    let stop = AtomicBool::new(false);
    let mut resident = Vec::new();
    let count = thread::scope(|scope| {
        let deeds = scope.spawn(|| deeds(port, &stop));
        for swap in 1..=SWAPS {
            point(&rules, if swap.is_multiple_of(2) { "a" } else { "b" });
            thread::sleep(pause(swap));
            resident.push(agent.resident_kib().unwrap());
        }
        stop.store(true, Ordering::Relaxed);
        deeds.join().unwrap()
    });
    others.kill().unwrap();
    others.wait().unwrap();
    let ended = agent.stop(Signal::TERM).unwrap();
    assert!(ended.status.success(), "{:?}", ended.log);
    let reloads = ended.log.iter().filter(|line| line.contains("rules loaded again")).count();
    let least: Vec<_> = resident.chunks(SAMPLES).filter_map(|row| row.iter().min()).collect();
    println!("{count} deeds, {reloads} reloads, resident KiB: {least:?}");

    assert!(reloads >= RELOADS, "{reloads}: {:?}", ended.log);
    let found = findings(&ended);
    let mut judged_by = BTreeMap::from([("A", 0), ("B", 0)]);
    for deed in 0..count {
        let rules = found.get(&address(deed).to_string()).map_or(&[][..], Vec::as_slice);
        let whole =
            judged_by.keys().copied().find(|set| rules == [format!("{set} first"), format!("{set} last")]);
        *judged_by.get_mut(whole.unwrap_or_else(|| panic!("deed {deed}: {rules:?}"))).unwrap() += 1;
    }
    println!("{judged_by:?}");
    assert!(judged_by.values().all(|deeds| *deeds > 0), "{judged_by:?}");
    let account = ended.accounts["connect"];
    assert!(account.is_exact() && account.seen == account.delivered, "{account:?}");
    let (early, late) = (*least[1], *least[least.len() - 1]);
    assert!(late <= early + early / 20, "{early} KiB, then {late} KiB");
}
