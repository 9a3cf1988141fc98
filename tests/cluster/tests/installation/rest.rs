//! What the agent costs while nothing happens.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use rampart_cluster::{is_full, until};

use crate::site::Site;

/// What the user is promised: of one processor, and of memory.
const PROMISED_SHARE: f64 = 0.01;
const PROMISED_KIB: u64 = 60 * 1024;

#[test]
fn an_agent_with_nothing_to_do_costs_next_to_nothing() {
    let agent = Site::get().agent();
    // The first scan is over.
    until("results of a scan", || {
        Ok((agent.metric("rampart_sca_scan_timestamp_seconds")? > 0.0).then_some(()))
    })
    .unwrap();
    let span = if is_full() { Duration::from_mins(5) } else { Duration::from_mins(1) };
    let (begin, before) = (Instant::now(), agent.processor_seconds().unwrap());
    sleep(span);
    let used = agent.processor_seconds().unwrap() - before;
    let share = used / begin.elapsed().as_secs_f64();
    let resident = agent.resident_kib().unwrap();
    println!(
        "at rest for {} s: {:.2} % of one processor, {resident} KiB resident",
        span.as_secs(),
        share * 100.0
    );
    assert!(share < PROMISED_SHARE, "{share} of a processor");
    assert!(resident < PROMISED_KIB, "{resident} KiB");
}
