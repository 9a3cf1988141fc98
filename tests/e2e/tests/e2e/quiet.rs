//! An idle machine gives no findings.

use std::time::Duration;

use rampart_e2e::Agent;
use rustix::process::Signal;

/// In full five minutes; `RAMPART_FULL=1` asks for that.
fn duration() -> Duration {
    Duration::from_secs(if std::env::var_os("RAMPART_FULL").is_some() { 300 } else { 20 })
}

#[test]
fn nothing_is_found_on_an_idle_machine() {
    let agent = Agent::start().unwrap();
    std::thread::sleep(duration());
    let ended = agent.stop(Signal::INT).unwrap();
    println!("quiet for {:?}; events: {:?}", duration(), ended.accounts);
    assert_eq!(ended.findings, Vec::<serde_json::Value>::new());
}
