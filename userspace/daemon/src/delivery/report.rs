use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rampart_model::Timestamp;
use rampart_wazuh::{Snapshot, State, Status};
use serde::{Deserialize, Serialize};

/// The name of the file in the sink's folder.
const FILE: &str = "status.json";

/// How the connection to the managers is, as the running agent writes it down for `rampart wazuh status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AgentReport {
    /// When it was written. One that is old is of an agent that does not run any more.
    pub(crate) written: Timestamp,
    /// The process that wrote it.
    pub(crate) pid: u32,
    /// Under which name the agent enrols.
    pub(crate) name: String,
    /// Under which number managers know it.
    pub(crate) agent_id: Option<String>,
    /// `idle`, `enrolling`, `connecting`, `connected`, `waiting` or `stopped`.
    pub(crate) state: String,
    /// For how long that has been so, in seconds.
    pub(crate) for_seconds: u64,
    /// The manager that this is about.
    pub(crate) manager: Option<String>,
    /// All managers, the most preferred first.
    pub(crate) managers: Vec<String>,
    /// Why the last attempt has failed, and what to do.
    pub(crate) trouble: Option<TroubleReport>,
    /// What has happened since the agent was started.
    pub(crate) counters: BTreeMap<String, u64>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TroubleReport {
    /// A short name.
    pub(crate) kind: String,
    /// What it is.
    pub(crate) error: String,
    /// What to do.
    pub(crate) help: String,
}

/// Where the running agent writes it.
pub(crate) fn report_file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

impl AgentReport {
    pub(super) fn new(name: &str, managers: &[String], status: &Status, now: Timestamp) -> Self {
        let Snapshot { state, since, agent_id, trouble } = status.snapshot();
        let counters = status.counters();
        let (state, manager) = described(&state);
        let mut counts: BTreeMap<String, u64> = [
            ("connections", &counters.connections),
            ("enrolments", &counters.enrolments),
            ("events_sent", &counters.events_sent),
            ("events_confirmed", &counters.events_confirmed),
            ("events_too_long", &counters.events_too_long),
            ("keepalives", &counters.keepalives),
            ("acknowledgements", &counters.acknowledgements),
            ("bytes_sent", &counters.bytes_sent),
        ]
        .map(|(name, tally)| (name.to_owned(), tally.get()))
        .into();
        counts
            .extend(counters.failures().into_iter().map(|(kind, count)| (format!("failure_{kind}"), count)));
        counts.extend(counters.ignored().into_iter().map(|(kind, count)| (format!("ignored_{kind}"), count)));
        Self {
            written: now,
            pid: std::process::id(),
            name: name.to_owned(),
            agent_id: agent_id.map(|id| id.to_string()),
            state: state.to_owned(),
            for_seconds: since.elapsed().as_secs(),
            manager,
            managers: managers.to_vec(),
            trouble: trouble.map(|trouble| TroubleReport {
                kind: trouble.kind().to_owned(),
                error: trouble.explain(),
                help: trouble.help().to_owned(),
            }),
            counters: counts,
        }
    }

    /// Writes it, so that whoever reads it finds the old or the new one.
    pub(super) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let (file, new) = (report_file(folder), folder.join("status.json.new"));
        let mut opened = fs::OpenOptions::new();
        opened.write(true).create(true).truncate(true).mode(0o600);
        opened.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        opened.open(&new)?.write_all(&serde_json::to_vec(self)?)?;
        fs::rename(new, file)
    }

    /// Whether the process that wrote it has said that it ends, or has ended without a word.
    pub(crate) fn is_over(&self) -> bool {
        self.state == "stopped" || !Path::new("/proc").join(self.pid.to_string()).exists()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == "connected"
    }
}

fn described(state: &State) -> (&'static str, Option<String>) {
    match state {
        State::Idle => ("idle", None),
        State::Enrolling(manager) => ("enrolling", Some(manager.to_string())),
        State::Connecting(manager) => ("connecting", Some(manager.to_string())),
        State::Connected(manager) => ("connected", Some(manager.to_string())),
        State::Waiting(_) => ("waiting", None),
        State::Stopped => ("stopped", None),
    }
}
