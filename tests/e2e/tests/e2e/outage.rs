//! Managers and agents that die at the worst time: nothing is lost, and nothing comes out of order.

use std::{
    thread,
    time::{Duration, Instant},
};

use rampart_e2e::PATIENCE;
use rampart_testkit::manager::{KeyStore, Manager};
use rustix::process::Signal;

use crate::site::{NUMBERS, Site, assert_complete, assert_content, manager, once};

/// Findings of an outage.
const OUTAGE: u64 = 100_000;

/// Room for all of them: each has some 3 KB where those who started the test have long command lines.
const SPOOL_BYTES: u64 = 1 << 30;

/// Between two crashes of the agent, of which there are three.
const BATCH: u64 = OUTAGE / 4;

/// Files a second.
const FAST: u32 = 10_000;

/// How soon another manager must have what the one that was lost has not taken.
const FAILOVER: Duration = Duration::from_secs(15);

/// A cluster: a master, and a worker that enrols nobody.
fn cluster() -> (Manager, Manager) {
    let keys = KeyStore::new();
    let master = manager().keys(&keys).keep(NUMBERS).start().unwrap();
    let worker = manager().keys(&keys).keep(NUMBERS).worker().start().unwrap();
    (master, worker)
}

fn has_last(manager: &Manager, count: u64) -> bool {
    manager.count() >= count && manager.ids().last() == Some(&(count - 1))
}

#[test]
fn an_outage_of_all_managers_and_three_crashes_lose_nothing() {
    let (master, worker) = cluster();
    let site = Site::new();
    let mut sink = site.wazuh(&[&master, &worker]);
    sink["spool_bytes"] = SPOOL_BYTES.into();
    let mut agent = site.start(&[&sink], "");
    assert!(master.wait_for(PATIENCE, |master| master.has("001")), "{:?}", agent.log());
    master.kill();
    worker.kill();
    for end in (1..=4).map(|batch| batch * BATCH) {
        let begin = Instant::now();
        site.make(end - BATCH..end, FAST);
        // What is not on disk yet is what a crash may take.
        site.wait_until(&agent, "all is on disk", |site| site.on_disk() >= end);
        println!("{BATCH} findings were made and kept in {:.1?}", begin.elapsed());
        if end < OUTAGE {
            agent.stop(Signal::KILL).unwrap();
            agent = site.start(&[&sink], "");
        }
    }
    let back = Instant::now();
    worker.revive().unwrap();
    let all = worker.wait_for(PATIENCE, |worker| {
        thread::sleep(Duration::from_millis(100));
        has_last(worker, OUTAGE)
    });
    let arrived = worker.ids();
    assert!(all, "{} of {OUTAGE}: {:?}", once(&arrived).len(), agent.log());
    println!("{OUTAGE} findings arrived {:.1?} after the manager came back", back.elapsed());
    site.wait_until(&agent, "nothing waits any more", |site| site.waiting() == 0);
    assert_eq!(site.value("rampart_spool_dropped_total"), 0);
    let again = assert_complete(&arrived, 0..OUTAGE);
    assert_eq!(again, 0, "no connection was lost meanwhile");
    assert!(agent.stop(Signal::INT).unwrap().status.success());
    assert_content(&master);
    assert_content(&worker);
    assert_eq!(master.registrations().len(), 1);
}

/// Findings while a manager is lost.
const STREAM: u64 = 20_000;

/// How many a second, and after how many the manager is lost: late, because whoever makes them on a slow machine takes the time
/// that the failover is given.
const PACE: u32 = 2_000;
const LOST_AT: u64 = 15_000;

fn fail_over(what: &str, end: fn(&Manager)) {
    let (first, second) = cluster();
    let site = Site::new();
    let sink = site.wazuh(&[&first, &second]);
    let agent = site.start(&[&sink], "");
    assert!(first.wait_for(PATIENCE, |first| first.has("001")), "{:?}", agent.log());
    let took = thread::scope(|scope| {
        let maker = scope.spawn(|| site.make(0..STREAM, PACE));
        assert!(first.wait_for(PATIENCE, |first| first.count() >= LOST_AT));
        let lost = Instant::now();
        end(&first);
        let all = second.wait_for(PATIENCE, |second| {
            thread::sleep(Duration::from_millis(20));
            second.ids().last() == Some(&(STREAM - 1))
        });
        assert!(all, "{} have arrived: {:?}", second.ids().len(), agent.log());
        maker.join().unwrap();
        lost.elapsed()
    });
    let (before, after) = (first.ids(), second.ids());
    let again = assert_complete(&[before.clone(), after.clone()].concat(), 0..STREAM);
    println!(
        "{what} after {} of {STREAM}: the other manager had the last of the other {} after {took:.1?}, {again} came twice",
        before.len(),
        after.len()
    );
    assert!(took < FAILOVER, "{what}: {took:?}");
    assert!(agent.stop(Signal::INT).unwrap().status.success());
    assert_content(&first);
    assert_content(&second);
    assert_eq!(first.registrations().len(), 1);
}

#[test]
fn another_manager_takes_the_place_of_one_that_dies() {
    fail_over("killed", Manager::kill);
}

/// As when the power fails, or a firewall drops everything: no connection is closed.
#[test]
fn another_manager_takes_the_place_of_one_that_falls_silent() {
    fail_over("silent", |manager| manager.stall(true));
}
