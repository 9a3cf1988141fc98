use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::Value as Json;

use super::marker::Marker;
use crate::{Agent, agent::PATIENCE, text};

/// How long a finding may come after everything that was done before has been judged: some take the time that
/// something lasts, or look at sums.
const LATE: Duration = Duration::from_secs(10);

/// How many lines of the agent's log are shown.
const LOG: usize = 15;

/// Nothing is folded, since two scenarios may do the same, and what keeps a processor busy does so soon.
const CONFIGURATION: &str = "\
watch_policies: false
alerts: {fold_seconds: 0, per_rule_per_minute: 0}
cpu: {percent: 50, seconds: 2, interval_seconds: 1}
";

/// An agent that watches one scenario after the other.
#[derive(Debug)]
pub(super) struct Watch {
    policies: PathBuf,
    marker: Marker,
    /// Started for the first scenario, and again where it has ended.
    agent: Option<Agent>,
    /// Of the last marker that it has found.
    time: String,
    /// What is wrong with agents that were stopped on the way.
    faults: Vec<String>,
}

/// Where a scenario begins.
#[derive(Debug)]
pub(super) struct Begin {
    finding: usize,
    line: usize,
    /// No earlier than the end of the scenario before; empty for an agent's first.
    pub(super) time: String,
}

impl Watch {
    /// By the rules of a folder and that of the marker.
    pub(super) const fn new(policies: PathBuf, marker: Marker) -> Self {
        Self { policies, marker, agent: None, time: String::new(), faults: Vec::new() }
    }

    /// Ends the agent: the next one knows nothing of what has happened.
    pub(super) fn begin_anew(&mut self) -> anyhow::Result<()> {
        let Some(agent) = self.agent.take() else { return Ok(()) };
        self.time.clear();
        self.faults.extend(fault(agent)?);
        Ok(())
    }

    /// Has an agent watch from here on.
    pub(super) fn begin(&mut self) -> anyhow::Result<Begin> {
        let has_ended = self.agent.as_mut().is_some_and(|agent| !agent.is_running());
        if has_ended {
            self.begin_anew()?;
        }
        let agent = match self.agent.take() {
            Some(agent) => agent,
            None => self.start()?,
        };
        let begin = Begin { finding: agent.mark(), line: agent.log().len(), time: self.time.clone() };
        self.agent = Some(agent);
        Ok(begin)
    }

    fn start(&self) -> anyhow::Result<Agent> {
        let folders =
            [self.policies.as_path(), self.marker.rules()].map(|folder| folder.display().to_string());
        let folders = serde_json::to_string(&folders)?;
        Agent::start_with(&format!("{CONFIGURATION}policies: {folders}\n"))
    }

    /// The findings since `begin`, once all that has been done until now is judged, and `is_decided` or late.
    pub(super) fn findings(
        &mut self,
        begin: &Begin,
        is_decided: impl Fn(&[Json]) -> bool,
    ) -> anyhow::Result<Vec<Json>> {
        let first = self.until_marked(begin)?;
        let agent = self.agent.as_ref().context("no agent")?;
        let decided = |findings: &[Json]| is_decided(findings).then_some(());
        let is_late = !is_decided(&first) && agent.findings_since(begin.finding, LATE, decided).is_some();
        // Where one comes late, others may as well.
        if is_late { self.until_marked(begin) } else { Ok(first) }
    }

    fn until_marked(&mut self, begin: &Begin) -> anyhow::Result<Vec<Json>> {
        let agent = self.agent.as_ref().context("no agent")?;
        let mark = self.marker.set()?;
        let until = |findings: &[Json]| {
            let marked = findings.iter().find(|finding| mark.is(finding))?;
            Some((findings.to_vec(), text(marked, "/@timestamp")))
        };
        let silent = || format!("the agent tells of nothing any more:\n{}", self.log(begin));
        let (findings, time) = agent.findings_since(begin.finding, PATIENCE, until).with_context(silent)?;
        self.time = time;
        Ok(findings)
    }

    /// What the agent has logged since `begin`, or the end of it.
    pub(super) fn log(&self, begin: &Begin) -> String {
        let lines = self.agent.as_ref().map(Agent::log).unwrap_or_default();
        let from = lines.len().saturating_sub(LOG).max(begin.line);
        let lines = lines.get(from..).unwrap_or_default();
        lines.iter().flat_map(|line| ["    ", line, "\n"]).collect()
    }

    /// Ends the agent, and says what was wrong with any.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        self.begin_anew()?;
        ensure!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        Ok(())
    }
}

/// Stops an agent, and says what it has lost, or why it is not to be trusted.
fn fault(agent: Agent) -> anyhow::Result<Option<String>> {
    let ended = agent.stop(Signal::TERM)?;
    let is_whole =
        |account: &crate::Account| account.is_exact() && account.lost_ring + account.lost_decode == 0;
    let lost: Vec<String> = ended
        .accounts
        .iter()
        .filter(|(_, account)| !is_whole(account))
        .map(|(kind, account)| format!("{kind}: {account:?}"))
        .collect();
    if ended.status.success() && lost.is_empty() && !ended.accounts.is_empty() {
        return Ok(None);
    }
    let from = ended.log.len().saturating_sub(LOG);
    let log = ended.log.get(from..).unwrap_or_default().join("\n");
    Ok(Some(format!("{}: lost {lost:?}\n{log}", ended.status)))
}
