//! A manager that takes connections and reads nothing: what the agent keeps for it is bounded, in memory and on disk.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use rampart_e2e::PATIENCE;
use rustix::process::Signal;

use crate::site::{NUMBERS, Site, assert_content, manager, once};

/// Findings a second.
const PACE: u32 = 300;

/// Between two looks at the agent's memory.
const LOOK: Duration = Duration::from_secs(1);

/// What memory may grow by, from the first third of the time, when the spool is full and all caches are, to the last. In KiB.
const GROWTH: u64 = 8 << 10;

/// For how long, and what is kept on disk: more than the agent has in its hands, and full in the first third. In full half an hour and the default;
/// `RAMPART_FULL=1` asks for that.
fn course() -> (Duration, u64) {
    if std::env::var_os("RAMPART_FULL").is_some() {
        (Duration::from_mins(30), 256 << 20)
    } else {
        (Duration::from_secs(45), 8 << 20)
    }
}

#[test]
fn memory_is_flat_while_a_manager_stalls() {
    let manager = manager().keep(NUMBERS).start().unwrap();
    let site = Site::new();
    let (time, spool_bytes) = course();
    let mut sink = site.wazuh(&[&manager]);
    sink["spool_bytes"] = spool_bytes.into();
    let agent = site.start(&[&sink], "");
    assert!(manager.wait_for(PATIENCE, |manager| manager.has("001")), "{:?}", agent.log());
    manager.stall(true);
    let stop = AtomicBool::new(false);
    let (samples, made) = thread::scope(|scope| {
        let maker = scope.spawn(|| {
            let mut made = 0;
            while !stop.load(Ordering::Relaxed) {
                let more = u64::from(PACE);
                site.make(made..made + more, PACE);
                made += more;
            }
            made
        });
        let (mut samples, begin) = (Vec::new(), Instant::now());
        while begin.elapsed() < time {
            thread::sleep(LOOK);
            samples.push(agent.resident_kib().unwrap());
        }
        stop.store(true, Ordering::Relaxed);
        (samples, maker.join().unwrap())
    });
    let third = samples.len() / 3;
    let highest = |samples: &[u64]| samples.iter().copied().max().unwrap();
    let (first, last) = (highest(&samples[..third]), highest(&samples[samples.len() - third..]));
    println!(
        "{made} findings in {time:?}; memory in KiB at first {}, in the first third up to {first}, in the last up to {last}; \
         {} bytes on disk, {} findings dropped",
        samples[0],
        site.value("rampart_spool_bytes"),
        dropped_of(&site)
    );
    assert!(last <= first + GROWTH, "{first} to {last} KiB: {samples:?}");

    // What is left arrives, in order, and the rest is counted. Connections that were given up are not read any more: all at once,
    // their messages would come out of order.
    manager.drop_connections();
    manager.stall(false);
    let left = || made - dropped_of(&site);
    let all = manager.wait_for(PATIENCE, |manager| {
        thread::sleep(LOOK);
        manager.ids().last() == Some(&(made - 1)) && once(&manager.ids()).len() as u64 == left()
    });
    let arrived = once(&manager.ids());
    assert!(all, "{} of {made} have arrived, {} were dropped", arrived.len(), dropped_of(&site));
    assert!(arrived.is_sorted());
    assert!(dropped_of(&site) > 0, "the spool was not full");
    assert!(agent.stop(Signal::INT).unwrap().status.success());
    assert_content(&manager);
}

/// Of the findings, which are low. What the agent says of itself is not.
fn dropped_of(site: &Site) -> u64 {
    site.value("rampart_spool_dropped_total{severity=\"low\",sink=\"wazuh\"}")
}
