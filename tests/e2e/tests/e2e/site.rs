//! What an agent that reports to managers has of its own on this machine: files, secrets, a rule, a port.

use std::{
    fs,
    ops::Range,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use rampart_e2e::{Agent, PATIENCE, Telemetry};
use rampart_testkit::manager::{Keep, Manager, ManagerBuilder};
use serde_json::{Value as Json, json};

/// The name that the agent enrols by.
pub(crate) const NAME: &str = "e2e-node";

/// What managers want to hear before they give a key.
pub(crate) const PASSWORD: &str = "a password of the test's own";

/// The sink's name, where nothing else is said.
pub(crate) const SINK: &str = "wazuh";

/// The folder whose files the test's own rule tells of, each with its number as its name.
const NUMBERED: &str = "numbered";

const RULE: &str = "\
title: A numbered file was made
id: 3f0a8f43-4b52-4a80-a1c8-a6c1d5b7e001
status: test
description: Only the test makes it.
falsepositives: [None.]
logsource: {product: linux, category: file_event}
detection: {selection: {TargetFilename|startswith: FOLDER/}, condition: selection}
level: low
tests: {match: [{TargetFilename: FOLDER/1}], no_match: [{TargetFilename: /1}]}
";

/// Everything is told one by one, and there is room for a burst.
const CONFIG: &str = "\
alerts: {fold_seconds: 0, per_rule_per_minute: 0}
ring_bytes: 67108864
watch_policies: false
";

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) struct Site {
    folder: tempfile::TempDir,
    pub(crate) telemetry: Telemetry,
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), telemetry: Telemetry::reserve().unwrap() };
        for folder in [NUMBERED, "rules", "state"] {
            fs::create_dir_all(site.path(folder)).unwrap();
        }
        let rule = RULE.replace("FOLDER", &site.path(NUMBERED).display().to_string());
        fs::write(site.path("rules/numbered.yml"), rule).unwrap();
        fs::write(site.path("password"), PASSWORD).unwrap();
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A sink for managers, as the configuration has it; all of them are believed.
    pub(crate) fn wazuh(&self, managers: &[&Manager]) -> Json {
        let authorities: String = managers.iter().map(|manager| manager.authority_pem()).collect();
        fs::write(self.path("authorities.pem"), authorities).unwrap();
        let managers: Vec<_> = managers
            .iter()
            .map(|manager| {
                let (port, enrolment) = (manager.events_address().port(), manager.enrolment_address().port());
                json!({ "host": "127.0.0.1", "port": port, "enrolment_port": enrolment })
            })
            .collect();
        json!({ "wazuh": {
            "managers": managers,
            "name": NAME,
            "enrolment": {
                "password": { "file": self.path("password") },
                "tls": { "ca_file": self.path("authorities.pem") },
            },
        } })
    }

    /// The configuration of an agent with these sinks, of the test's rule alone where `more` says nothing of policies.
    pub(crate) fn config(&self, sinks: &[&Json], more: &str) -> String {
        let (listen, state) = (self.telemetry.line(), self.path("state"));
        let own = format!("policies: [{}]", self.path("rules").display());
        let rules = if more.contains("policies:") { "" } else { &own };
        format!("{CONFIG}{listen}\n{more}\n{rules}\nstate: {}\nsinks: {}\n", state.display(), json!(sinks))
    }

    pub(crate) fn start(&self, sinks: &[&Json], more: &str) -> Agent {
        Agent::start_with(&self.config(sinks, more)).unwrap()
    }

    /// Makes numbered files, each of which is one finding, so many a second.
    pub(crate) fn make(&self, numbers: Range<u64>, per_second: u32) {
        let folder = self.path(NUMBERED);
        let (begin, first, step) = (Instant::now(), numbers.start, Duration::from_secs(1) / per_second);
        for number in numbers {
            drop(fs::File::create(folder.join(number.to_string())).unwrap());
            let due = step * u32::try_from(number + 1 - first).unwrap();
            // Many at a time: the clock of sleeps is coarse.
            if let Some(early) = due.checked_sub(begin.elapsed()).filter(|early| early.as_millis() >= 5) {
                thread::sleep(early);
            }
        }
    }

    /// A value of the sink's metrics.
    pub(crate) fn value(&self, metric: &str) -> u64 {
        self.telemetry.value(metric).unwrap()
    }

    /// How many messages wait for the managers, on disk and in memory.
    pub(crate) fn waiting(&self) -> u64 {
        self.value(&format!("rampart_spool_messages{{sink=\"{SINK}\"}}"))
    }

    /// How many messages wait for the managers on disk, where a crash leaves them.
    pub(crate) fn on_disk(&self) -> u64 {
        let [all, in_memory] =
            self.telemetry.values(["rampart_spool_messages", "rampart_spool_memory_messages"]).unwrap();
        all - in_memory
    }

    /// Waits until it holds of an agent that is this site's.
    pub(crate) fn wait_until(&self, agent: &Agent, what: &str, holds: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !holds(self) {
            assert!(begin.elapsed() < PATIENCE, "not so: {what}\n{}\n{:#?}", self.counted(), agent.log());
            thread::sleep(LOOK);
        }
    }

    /// All metrics that are not 0.
    fn counted(&self) -> String {
        let metrics = self.telemetry.get("/metrics").unwrap_or_else(|error| format!("{error:#}"));
        let counted = metrics.lines().filter(|line| !line.starts_with('#') && !line.ends_with(" 0"));
        counted.collect::<Vec<_>>().join("\n")
    }
}

/// A manager that wants the password.
pub(crate) fn manager() -> ManagerBuilder {
    Manager::builder().password(PASSWORD)
}

/// What keeps the numbers of numbered files alone.
pub(crate) const NUMBERS: Keep = Keep::Ids(number);

fn number(message: &[u8]) -> Option<u64> {
    let mark = b"/numbered/";
    let begin = message.windows(mark.len()).position(|window| window == mark)? + mark.len();
    let digits = message[begin..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|digit| u64::from(digit - b'0')).reduce(|number, digit| number * 10 + digit)
}

/// What arrived, without what came again.
pub(crate) fn once(numbers: &[u64]) -> Vec<u64> {
    let mut known = std::collections::BTreeSet::new();
    numbers.iter().copied().filter(|number| known.insert(*number)).collect()
}

/// All of them arrived, in order; what came again had been there before, in order too. Gives how many came again.
pub(crate) fn assert_complete(arrived: &[u64], expected: Range<u64>) -> usize {
    let once = once(arrived);
    let wrong = once.iter().copied().zip(expected.clone()).find(|(arrived, expected)| arrived != expected);
    assert!(wrong.is_none(), "in the place of another one, (arrived, expected): {wrong:?}");
    assert_eq!(once.len() as u64, expected.end - expected.start);
    arrived.len() - once.len()
}

/// The manager has nothing to complain of.
pub(crate) fn assert_content(manager: &Manager) {
    let violations = manager.violations();
    assert!(violations.is_empty(), "{violations:#?}");
}
