use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use rustix::process::Signal;
use serde_json::Value as Json;

use super::{
    Rule, Rules, Scenario,
    deed::{self, Failure},
    family,
    marker::Marker,
    verdict::Verdict,
};
use crate::{
    Agent,
    agent::PATIENCE,
    scenario::{
        Outcome,
        kernel::Version,
        stage::{House, Stage},
    },
};

/// How long a finding may come after everything that was done before has been judged: some take the time that
/// something lasts, or look at sums.
const LATE: Duration = Duration::from_secs(10);

/// How many lines of the agent's log are shown.
const LOG: usize = 15;

/// Nothing is folded, since two scenarios may do the same, and what uses a processor for long does so soon.
const CONFIGURATION: &str = "watch_policies: false\nalerts: {fold_seconds: 0, per_rule_per_minute: 0}\n";

/// Plays scenarios one after the other before one agent.
#[derive(Debug)]
pub struct Player {
    actor: PathBuf,
    policies: PathBuf,
    house: House,
    marker: Marker,
    /// Started for the first scenario, and again where it has ended.
    agent: Option<Agent>,
}

impl Player {
    /// With the rules of a folder.
    ///
    /// # Errors
    /// When RAMPART_ACTOR does not name the actor, or there is no room for a stage.
    pub fn new(policies: &Path) -> anyhow::Result<Self> {
        let actor = env::var_os("RAMPART_ACTOR");
        let actor = actor.context("RAMPART_ACTOR names the actor; `cargo xtask test` sets it")?;
        let actor = PathBuf::from(actor).canonicalize()?;
        // Not among temporary files: that a program is started there is suspicious by itself.
        let house = House::below(Path::new("/var/lib"))?;
        let marker = Marker::new(&actor, Path::new("/var/lib"))?;
        Ok(Self { actor, policies: policies.canonicalize()?, house, marker, agent: None })
    }

    /// Plays the scenario of the rule of that name.
    ///
    /// # Errors
    /// When it does not go as it is written; the error says all that may help.
    pub fn play(&mut self, scenario: &Scenario, name: &str, rules: &Rules) -> anyhow::Result<Outcome> {
        let running = Version::running()?;
        if let Some(needed) = scenario.needs.kernel.filter(|needed| *needed > running) {
            return Ok(Outcome::Skipped(format!("needs Linux {needed}, this is {running}")));
        }
        let wanted = rules.named(name)?;
        let agent = self.agent()?;
        let outcome = self.play_before(&agent, scenario, wanted, rules);
        // One that did not fail is as good as new.
        self.agent = Some(agent);
        outcome
    }

    fn play_before(
        &mut self,
        agent: &Agent,
        scenario: &Scenario,
        wanted: &Rule,
        rules: &Rules,
    ) -> anyhow::Result<Outcome> {
        let stage = Stage::new(&self.house, &self.actor)?;
        let fill = |template: &str| stage.fill(template, &Json::Null);
        let verdict = Verdict::new(scenario, wanted, rules, &fill)?;
        let begin = agent.mark();
        let deed = deed::perform(scenario, &stage, &self.actor)?;
        let is_decided = |findings: &[Json]| {
            deed.said.is_err() || verdict.is_met(&family::of(deed.pid, &self.actor, findings))
        };
        let findings = watch(agent, &mut self.marker, begin, is_decided)?;
        let own = family::of(deed.pid, &self.actor, &findings);
        judge(scenario, &verdict, deed.said, &own, &agent.log())
    }

    fn agent(&mut self) -> anyhow::Result<Agent> {
        if let Some(mut agent) = self.agent.take()
            && agent.is_running()
        {
            return Ok(agent);
        }
        let (rules, marker) = (self.policies.display(), self.marker.rules());
        let folders = format!("policies: [\"{rules}\", \"{}\"]\n", marker.display());
        Agent::start_with(&format!("{CONFIGURATION}{folders}"))
    }

    /// Ends the agent.
    ///
    /// # Errors
    /// When it does not end well, or has lost something.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        let Some(agent) = self.agent.take() else { return Ok(()) };
        let ended = agent.stop(Signal::TERM)?;
        ensure!(ended.status.success(), "{}:\n{}", ended.status, ended.log.join("\n"));
        for (kind, account) in &ended.accounts {
            let whole = account.is_exact() && account.lost_ring == 0 && account.lost_decode == 0;
            ensure!(whole, "{kind}: {account:?}");
        }
        ensure!(!ended.accounts.is_empty(), "the agent gives no account:\n{}", ended.log.join("\n"));
        Ok(())
    }
}

/// The findings since `begin`, once all that has been done until now is judged, and `is_decided` or late.
fn watch(
    agent: &Agent,
    marker: &mut Marker,
    begin: usize,
    is_decided: impl Fn(&[Json]) -> bool,
) -> anyhow::Result<Vec<Json>> {
    let mut until_marked = || -> anyhow::Result<Vec<Json>> {
        let mark = marker.set()?;
        let marked = |findings: &[Json]| findings.iter().any(|finding| mark.is(finding));
        let all = |findings: &[Json]| marked(findings).then(|| findings.to_vec());
        let log = || format!("the agent tells of nothing any more:\n{}", last(&agent.log()));
        agent.findings_since(begin, PATIENCE, all).with_context(log)
    };
    let first = until_marked()?;
    if is_decided(&first) {
        return Ok(first);
    }
    // Where it comes late, others may as well.
    match agent.findings_since(begin, LATE, |findings| is_decided(findings).then_some(())) {
        Some(()) => until_marked(),
        None => {
            Ok(agent.findings_since(begin, PATIENCE, |findings| Some(findings.to_vec())).unwrap_or(first))
        }
    }
}

fn judge(
    scenario: &Scenario,
    verdict: &Verdict<'_>,
    said: Result<Json, Failure>,
    findings: &[&Json],
    log: &[String],
) -> anyhow::Result<Outcome> {
    let (fault, said) = match said {
        Err(Failure::Lacking(lacking)) => return Ok(Outcome::Skipped(lacking)),
        Err(Failure::Wrong(complaint)) => ("the deed was not done\n".to_owned(), complaint),
        Ok(said) => (String::new(), said.to_string()),
    };
    let faults = fault + &verdict.faults(findings);
    if faults.is_empty() {
        return Ok(Outcome::Passed);
    }
    let about = &scenario.about;
    bail!(
        "{about}\n{faults}\n  findings about it:\n{}  the actor said: {}\n  the agent said:\n{}",
        verdict.list(findings),
        readable(&said),
        last(log)
    )
}

/// Lines in a text in JSON are lines.
fn readable(said: &str) -> String {
    said.replace("\\n", "\n    ")
}

fn last(log: &[String]) -> String {
    let from = log.len().saturating_sub(LOG);
    log.get(from..).unwrap_or_default().iter().map(|line| format!("    {line}\n")).collect()
}
