use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{
    Rule, Rules, Scenario,
    deed::{self, Failure},
    family,
    marker::Marker,
    verdict::Verdict,
    watch::Watch,
};
use crate::scenario::{
    Outcome,
    kernel::Version,
    stage::{House, Stage},
};

/// Where programs lie that belong to the system's state. What is started among temporary files is suspicious by itself.
const HOME: &str = "/var/lib";

/// Plays scenarios one after the other before one agent.
#[derive(Debug)]
pub struct Player {
    /// Holds the actor and the marker.
    _folder: TempDir,
    actor: PathBuf,
    house: House,
    watch: Watch,
}

impl Player {
    /// With the rules of a folder.
    ///
    /// # Errors
    /// When RAMPART_ACTOR does not name the actor, or there is no room for a stage.
    pub fn new(policies: &Path) -> anyhow::Result<Self> {
        let original = env::var_os("RAMPART_ACTOR");
        let original = original.context("RAMPART_ACTOR names the actor; `cargo xtask test` sets it")?;
        let house = House::below(Path::new(HOME))?;
        let folder = tempfile::Builder::new().prefix("actor-").tempdir_in(HOME)?;
        let actor = folder.path().join("actor");
        fs::copy(&original, &actor).with_context(|| Path::new(&original).display().to_string())?;
        let marker = Marker::new(&actor, folder.path())?;
        let watch = Watch::new(policies.canonicalize()?, marker);
        Ok(Self { _folder: folder, actor, house, watch })
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
        if wanted.remembers() {
            self.watch.begin_anew()?;
        }
        self.perform(scenario, wanted, rules)
    }

    fn perform(&mut self, scenario: &Scenario, wanted: &Rule, rules: &Rules) -> anyhow::Result<Outcome> {
        let begin = self.watch.begin()?;
        let stage = Stage::new(&self.house, &self.actor)?;
        let fill = |template: &str| stage.fill(template, &Json::Null);
        let verdict = Verdict::new(scenario, wanted, rules, &begin.time, &fill)?;
        let deed = deed::perform(scenario, &stage, &self.actor)?;
        let is_decided = |findings: &[Json]| {
            deed.said.is_err() || verdict.is_met(&family::of(deed.pid, &self.actor, findings))
        };
        let findings = self.watch.findings(&begin, is_decided)?;
        let own = family::of(deed.pid, &self.actor, &findings);
        judge(scenario, &verdict, deed.said, &own, &self.watch.log(&begin))
    }

    /// Ends the agent.
    ///
    /// # Errors
    /// When it does not end well, or any has lost something.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        self.watch.finish()
    }
}

fn judge(
    scenario: &Scenario,
    verdict: &Verdict<'_>,
    said: Result<Json, Failure>,
    findings: &[&Json],
    log: &str,
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
    // Lines in a text in JSON are lines.
    let (about, said) = (&scenario.about, said.replace("\\n", "\n    "));
    let list = verdict.list(findings);
    bail!("{about}\n{faults}\n  findings about it:\n{list}  the actor said: {said}\n  the agent said:\n{log}")
}
