//! An idle machine gives no findings, and ordinary work none that anybody must look at.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rampart_e2e::{Agent, text};
use rustix::process::Signal;

/// What work must not be found as.
const LOUD: [&str; 3] = ["medium", "high", "critical"];

/// Programs that one round of work starts, at the least.
const PROGRAMS: u64 = 300;

fn is_full() -> bool {
    std::env::var_os("RAMPART_FULL").is_some()
}

/// In full five minutes; `RAMPART_FULL=1` asks for that.
fn idle() -> Duration {
    Duration::from_secs(if is_full() { 300 } else { 20 })
}

#[test]
fn nothing_is_found_on_an_idle_machine() {
    let agent = Agent::start().unwrap();
    std::thread::sleep(idle());
    let ended = agent.stop(Signal::INT).unwrap();
    println!("quiet for {:?}; events: {:?}", idle(), ended.accounts);
    assert_eq!(ended.findings, Vec::<serde_json::Value>::new());
}

/// One round of `ordinary_work.sh`; what it printed.
fn work() -> String {
    let folder = tempfile::tempdir().unwrap().keep();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let run = |verb: &str| {
        let mut script = Command::new(source.join("tests/e2e/ordinary_work.sh"));
        script.arg(verb).args([&folder, &source]).stdin(Stdio::null());
        script.output().unwrap()
    };
    let output = run("work");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(run("clean").status.success());
    said
}

/// Packages, a build, git, SSH, a shell, log rotation, containers by runc and containerd, periodic work: once, or in full for
/// ten minutes.
#[test]
fn ordinary_work_is_not_found() {
    let agent = Agent::start().unwrap();
    let (begin, time) = (Instant::now(), Duration::from_secs(if is_full() { 600 } else { 0 }));
    let mut rounds = 0;
    while rounds == 0 || begin.elapsed() < time {
        let said = work();
        rounds += 1;
        let skipped: Vec<&str> = said.lines().filter(|line| line.starts_with("skipped: ")).collect();
        println!("round {rounds}, {:?}: {}", begin.elapsed(), skipped.join(", "));
    }
    let ended = agent.stop(Signal::INT).unwrap();
    let loud = |finding: &&serde_json::Value| LOUD.contains(&text(finding, "/rampart/severity").as_str());
    let found: Vec<String> =
        ended.findings.iter().filter(loud).map(|finding| format!("{finding:#}")).collect();
    println!("{rounds} rounds; {} findings below medium; events: {:?}", ended.findings.len(), ended.accounts);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(ended.accounts["exec"].seen > PROGRAMS, "{:?}", ended.accounts);
}
