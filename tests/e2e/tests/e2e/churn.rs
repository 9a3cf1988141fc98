//! Memory does not grow with the processes that come and go.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use rampart_e2e::Agent;
use rustix::process::Signal;

/// Resident memory that is still fine.
const LIMIT_KIB: u64 = 60 * 1024;

/// In full a million, in about an hour; `RAMPART_FULL=1` asks for that. Else as many as there are process ids by default.
fn processes() -> (u64, &'static str) {
    if std::env::var_os("RAMPART_FULL").is_some() { (1_000_000, "280") } else { (32_768, "1000000") }
}

fn churn(times: u64, rate: &str) {
    let actor = PathBuf::from(std::env::var_os("RAMPART_ACTOR").unwrap());
    let mut command = Command::new(actor);
    command.args(["storm", "exec", &times.to_string(), rate]).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
}

#[test]
fn memory_stays_as_it_is() {
    let agent = Agent::start().unwrap();
    let (times, rate) = processes();
    churn(times / 2, rate);
    let half = agent.resident_kib().unwrap();
    churn(times / 2, rate);
    let whole = agent.resident_kib().unwrap();
    println!("resident after {} processes: {half} KiB, after {times}: {whole} KiB", times / 2);
    assert!(whole <= LIMIT_KIB, "{whole} KiB");
    // Growth by a tenth of what the second half made would be a leak of some 10 bytes a process.
    assert!(whole <= half + half / 20, "{half} KiB, then {whole} KiB");
    let ended = agent.stop(Signal::TERM).unwrap();
    assert!(ended.accounts["exec"].seen >= times, "{:?}", ended.accounts);
}
