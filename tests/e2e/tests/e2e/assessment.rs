//! The agent scans the host's configuration: on the start, on demand, with its last results kept, at its share of a processor.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rampart_e2e::{Agent, sh, text};
use rustix::process::Signal;
use serde_json::Value as Json;

/// Three checks of one file, one of which looks for a trace of an attacker.
const POLICY: &str = r#"
policy: { id: e2e, name: The test's own, file: e2e.yml, description: Of one file. }
checks:
  - id: 990001
    title: The colour is blue
    remediation: Paint it.
    compliance: [{ nist_800_53: [CM-6] }, { pci_dss: ["2.2.1"] }]
    condition: all
    rules: ["f:FILE -> r:^colour blue$"]
  - id: 990002
    title: The size is small
    compliance: [{ cis_linux: ["1.1.1.1"] }]
    condition: all
    rules: ["f:FILE -> n:^size (\\d+) compare < 10"]
  - id: 990003
    title: No miner has been here
    compliance: [{ mitre_techniques: [T1496] }]
    condition: none
    rules: ["f:FILE -> r:^miner"]
"#;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(content: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let policy = POLICY.replace("FILE", &place.file().display().to_string());
        fs::write(place.folder.path().join("policy.yml"), policy).unwrap();
        place.write(content);
        place
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("settings")
    }

    fn write(&self, content: &str) {
        fs::write(self.file(), content).unwrap();
    }

    fn agent(&self) -> Agent {
        let folder = self.folder.path().display();
        let listen = "listen: 127.0.0.1:19467";
        let sca = format!("sca: {{policies: [{folder}/policy.yml], cpu_percent: 100}}");
        Agent::start_with(&format!("state: {folder}/state\n{listen}\n{sca}")).unwrap()
    }
}

fn scan_now(agent: &Agent) {
    sh(&format!("kill -USR1 {}", agent.pid())).unwrap();
}

/// What the findings say of checks: number, result, what it was before.
fn changes(findings: &[Json]) -> Vec<(String, String, String)> {
    let of = |finding: &Json, pointer| text(finding, pointer);
    let changes = findings.iter().filter(|finding| text(finding, "/event/action").starts_with("check_"));
    let mut changes: Vec<_> = changes
        .map(|finding| {
            let previous = finding.pointer("/rampart/sca/previous").and_then(Json::as_str);
            (
                of(finding, "/rule/id"),
                of(finding, "/rampart/sca/result"),
                previous.unwrap_or("nothing").to_owned(),
            )
        })
        .collect();
    changes.sort();
    changes
}

fn expected(changes: &[[&str; 3]]) -> Vec<(String, String, String)> {
    changes
        .iter()
        .map(|[id, result, before]| (id.to_string(), result.to_string(), before.to_string()))
        .collect()
}

/// Waits for so many scans, each of which tells of its policy at the end.
fn scanned(agent: &Agent, times: usize) -> Vec<Json> {
    let patience = Instant::now() + Duration::from_mins(1);
    loop {
        let findings = agent.findings();
        let scans =
            findings.iter().filter(|finding| text(finding, "/event/action") == "policy_scanned").count();
        if scans == times {
            return findings;
        }
        assert!(Instant::now() < patience, "{scans} scans and not {times}: {:?}", agent.log());
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn changes_are_told_and_remembered_over_restarts() {
    let place = Place::new("colour red\nsize 5\n");
    let agent = place.agent();
    let first = scanned(&agent, 1);
    assert_eq!(changes(&first), expected(&[]), "what has always been so is no news");
    let summary = first.iter().find(|finding| text(finding, "/event/action") == "policy_scanned").unwrap();
    assert_eq!(summary.pointer("/rampart/sca/failed").unwrap(), 1, "{summary}");

    place.write("colour blue\nsize 5\n");
    scan_now(&agent);
    assert_eq!(changes(&scanned(&agent, 2)), expected(&[["990001", "passed", "failed"]]));
    let metrics = sh("curl -s 127.0.0.1:19467/metrics").unwrap().output;
    for line in [
        r#"wazuh_sca_checks_passed{node="e2e",policy="e2e"} 3"#,
        r#"wazuh_sca_checks_failed{node="e2e",policy="e2e"} 0"#,
        r#"rampart_sca_scans_total{result="done"} 2"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    // As by a crash.
    agent.stop(Signal::KILL).unwrap();

    place.write("colour red\nsize 50\nminer was here\n");
    let agent = place.agent();
    let told = scanned(&agent, 1);
    let all =
        [["990001", "failed", "passed"], ["990002", "failed", "passed"], ["990003", "failed", "passed"]];
    assert_eq!(changes(&told), expected(&all));
    let colour = told.iter().find(|finding| text(finding, "/rule/id") == "990001").unwrap();
    for (pointer, value) in [
        ("/event/kind", "state"),
        ("/event/outcome", "failure"),
        ("/rule/name", "The colour is blue"),
        ("/rampart/severity", "medium"),
        ("/rampart/sca/remediation", "Paint it."),
        ("/rampart/controls/nist_800_53/0", "cm-6"),
        ("/rampart/controls/pci_dss/0", "2.2.1"),
    ] {
        assert_eq!(text(colour, pointer), value, "{pointer} of {colour:#}");
    }
    let miner = told.iter().find(|finding| text(finding, "/rule/id") == "990003").unwrap();
    assert_eq!(text(miner, "/rampart/severity"), "high");
    assert_eq!(text(miner, "/threat/technique/id/0"), "T1496");

    fs::remove_file(place.file()).unwrap();
    scan_now(&agent);
    let gone = changes(&scanned(&agent, 2));
    assert!(gone.contains(&("990001".into(), "not applicable".into(), "failed".into())), "{gone:?}");
    assert!(agent.stop(Signal::INT).unwrap().status.success());
}

/// The first time that it is seen, a trace of an attacker is news.
#[test]
fn a_trace_of_an_attacker_is_told_at_once() {
    let place = Place::new("colour blue\nsize 5\nminer was here\n");
    let agent = place.agent();
    assert_eq!(changes(&scanned(&agent, 1)), expected(&[["990003", "failed", "nothing"]]));
}

/// All policies, with commands that look for what attackers look for, under all rules.
#[test]
fn scans_are_no_news_to_the_rules() {
    let agent = Agent::start_with("sca: {policies: [builtin], cpu_percent: 100}").unwrap();
    agent.wait_for_log(|log| log.contains("configuration scanned")).unwrap();
    let ended = agent.stop(Signal::INT).unwrap();
    let alerts = ended.findings.iter().filter(|finding| text(finding, "/event/kind") == "alert");
    let found: Vec<_> = alerts.map(|finding| text(finding, "/message")).collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Processes below one, with their states.
fn below(pid: u32) -> BTreeMap<u32, String> {
    let list = sh("ps -e -o pid=,ppid=,stat=,args=").unwrap().output;
    let mut found = BTreeMap::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for line in list.lines() {
            let mut words = line.split_whitespace();
            let (Some(pid), Some(of)) = (words.next(), words.next()) else { continue };
            let (pid, of): (u32, u32) = (pid.parse().unwrap(), of.parse().unwrap());
            if of == parent {
                found.insert(pid, line.to_owned());
                parents.push(pid);
            }
        }
    }
    found
}

fn hanging_policy(folder: &Path) -> String {
    let policy = "\
policy: { id: slow, name: Slow, file: slow.yml, description: It takes its time. }
checks:
  - { id: 990101, title: It hangs, condition: all, rules: [\"c:sleep 100000 -> r:x\"] }
";
    fs::write(folder.join("slow.yml"), policy).unwrap();
    format!("sca: {{policies: [{}/slow.yml], command_seconds: 300}}", folder.display())
}

#[test]
fn no_scan_outlives_the_agent() {
    for signal in [Signal::INT, Signal::KILL] {
        let folder = tempfile::tempdir().unwrap();
        let agent = Agent::start_with(&hanging_policy(folder.path())).unwrap();
        let patience = Instant::now() + Duration::from_mins(1);
        let running = loop {
            let running = below(agent.pid());
            if running.values().any(|line| line.contains("sleep 100000")) {
                break running;
            }
            assert!(Instant::now() < patience, "{running:?}");
            thread::sleep(Duration::from_millis(100));
        };
        agent.stop(signal).unwrap();
        let patience = Instant::now() + Duration::from_mins(1);
        while running.keys().any(|pid| Path::new(&format!("/proc/{pid}/root")).exists() && !is_zombie(*pid)) {
            assert!(Instant::now() < patience, "something is left of {running:?} after {signal:?}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn is_zombie(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[test]
fn without_its_scanner_the_agent_goes_on() {
    let place = Place::new("colour blue\nsize 5\n");
    let agent = place.agent();
    scanned(&agent, 1);
    let scanner = *below(agent.pid()).first_key_value().unwrap().0;
    sh(&format!("kill -9 {scanner}")).unwrap();
    scan_now(&agent);
    let finding = agent.wait_for(|finding| text(finding, "/event/action") == "module_ended").unwrap();
    assert_eq!(text(&finding, "/rampart/module"), "sca");
    assert!(agent.stop(Signal::INT).unwrap().status.success());
}

/// A disk that is full and a folder that is none: the scan is the same, and only not remembered.
#[test]
fn results_that_cannot_be_kept_are_told_all_the_same() {
    let place = Place::new("colour blue\nsize 5\n");
    let folder = place.folder.path();
    fs::write(folder.join("state"), "no folder").unwrap();
    let agent = place.agent();
    scanned(&agent, 1);
    assert!(agent.log().iter().any(|line| line.contains("the last results of the scans are not known")));
    drop(agent);
    fs::remove_file(folder.join("state")).unwrap();
    fs::DirBuilder::new().create(folder.join("state")).unwrap();
    sh(&format!("mount -t tmpfs -o size=64k none {}/state", folder.display())).unwrap();
    let agent = place.agent();
    scanned(&agent, 1);
    place.write("colour red\nsize 5\n");
    scan_now(&agent);
    let told = changes(&scanned(&agent, 2));
    drop(agent);
    sh(&format!("umount {}/state", folder.display())).unwrap();
    assert_eq!(told, expected(&[["990001", "failed", "passed"]]));
}

/// Time on processors that a process and those it has waited for have used, in seconds.
fn used(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(4);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A quarter of a processor, over a whole scan of all policies with everything that it runs.
#[test]
fn a_scan_keeps_to_its_share() {
    const PERCENT: f64 = 25.0;
    let agent = Agent::start_with("sca: {policies: [builtin], cpu_percent: 25}").unwrap();
    let scanner = *below(agent.pid()).first_key_value().unwrap().0;
    let begin = Instant::now();
    agent.wait_for_log(|log| log.contains("configuration scanned")).unwrap();
    thread::sleep(Duration::from_millis(200));
    let (took, used) = (begin.elapsed().as_secs_f64(), used(scanner));
    let percent = used * 100.0 / took;
    println!("{used:.1} s of processor time in {took:.1} s: {percent:.0} %");
    // The time before the first look, and the last piece of work, are not in it.
    assert!(used > 0.1 && percent < PERCENT * 1.2, "{used} s in {took} s");
}

/// Nobody must have installed anything for a scan of one's own.
#[test]
fn the_command_line_needs_no_agent() {
    let binary = std::env::var_os("RAMPART_BIN").unwrap();
    let place = Place::new("colour blue\nsize 5\n");
    let policy = place.folder.path().join("policy.yml");
    let scan = |more: &[&str]| {
        let output = Command::new(&binary).args(["sca", "scan", "--policy"]).arg(&policy).args(more).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, table) = scan(&["--fail-on", "failed"]);
    assert_eq!(code, Some(0));
    assert!(table.contains("passed: 3, failed: 0, not applicable: 0"), "{table}");
    place.write("colour red\nsize 5\n");
    assert_eq!(scan(&["--fail-on", "failed"]).0, Some(1));
    let (code, csv) = scan(&["--format", "csv"]);
    assert_eq!(code, Some(0));
    assert!(csv.contains("e2e,990001,The colour is blue,failed,"), "{csv}");
    let (_, lines) = scan(&["--format", "jsonl"]);
    assert_eq!(lines.lines().count(), 4, "{lines}");
    assert_eq!(scan(&["--policy", "/nowhere"]).0, Some(69));
}
