//! Ends cleanly, whatever the reason.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use rampart_e2e::{Agent, rampart, sh, spawn_named, text};
use rustix::process::Signal;

#[test]
fn signals_end_it_with_everything_delivered() {
    for signal in [Signal::INT, Signal::TERM] {
        let agent = Agent::start().unwrap();
        let mut miner = spawn_named(agent.as_ref(), "/bin/sleep", "xmrig", &["0"]).unwrap();
        miner.wait().unwrap();
        // At once: the finding must come out of the drain.
        let ended = agent.stop(signal).unwrap();
        assert_eq!(ended.status.code(), Some(0), "{:?}", ended.log);
        assert!(ended.findings.iter().any(|finding| text(finding, "/process/pid") == miner.id().to_string()));
        assert!(
            ended.accounts.contains_key("exec")
                && ended.accounts.values().all(rampart_e2e::Account::is_exact)
        );
    }
}

#[test]
fn a_killed_agent_leaves_no_lock() {
    let mut agent = Agent::start().unwrap();
    let config = agent.config();
    sh(&format!("kill -KILL {}", agent.pid())).unwrap();
    agent.wait().unwrap();
    let (mut next, _log) = start(config, Stdio::null());
    next.kill().unwrap();
    next.wait().unwrap();
}

/// Starts an agent whose stdout is the caller's, and waits until it is ready.
fn start(config: PathBuf, stdout: impl Into<Stdio>) -> (Child, impl Iterator<Item = String>) {
    let mut command = rampart(["run", "--config"]).unwrap();
    let mut agent = command.arg(config).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(agent.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains(" ready ")));
    (agent, log)
}

/// A configuration with a lock and a state of its own, and otherwise the defaults, a scan at the start among them.
fn configure(folder: &Path) -> PathBuf {
    let config = folder.join("rampart.yml");
    let folder = folder.display();
    fs::write(&config, format!("lock: {folder}/lock\nstate: {folder}/state\n")).unwrap();
    config
}

#[test]
fn a_closed_stdout_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut agent, mut log) = start(configure(folder.path()), Stdio::piped());
    drop(agent.stdout.take());
    spawn_named(folder.path(), "/bin/sleep", "xmrig", &["0"]).unwrap().wait().unwrap();
    assert!(log.any(|line| line.contains("stdout is gone")));
    assert_eq!(agent.wait().unwrap().code(), Some(69));
}

#[test]
fn a_full_disk_is_waited_for_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let (mut agent, mut log) = start(configure(folder.path()), full);
    spawn_named(folder.path(), "/bin/sleep", "xmrig", &["0"]).unwrap().wait().unwrap();
    assert!(log.any(|line| line.contains("findings are held back") && line.contains("No space left")));
    sh(&format!("kill -TERM {}", agent.id())).unwrap();
    assert!(log.any(|line| line.contains("findings could not be written")));
    assert_eq!(agent.wait().unwrap().code(), Some(69));
}
