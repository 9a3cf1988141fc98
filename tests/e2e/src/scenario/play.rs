use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value as Json};

use super::{
    Scenario, family,
    kernel::Version,
    pattern::{CATEGORY, Pattern},
    stage::{House, Stage},
    text,
};
use crate::{Recorder, Recording};

/// The actor's exit code where the environment lacks something.
pub(crate) const LACKING: i32 = 77;

/// The category of an exec.
const BEGINNING: &str = "process_creation";

/// How many letters of an event are shown at the most.
const LONGEST: usize = 2000;

/// How many of the events that come near to what was expected are shown.
const NEAREST: usize = 3;

/// How a scenario went that did not fail.
#[derive(Debug)]
pub enum Outcome {
    /// As it is written.
    Passed,
    /// It could not be played here.
    Skipped(String),
}

/// What the actor did.
struct Deed {
    pid: u32,
    said: Json,
}

/// Plays scenarios one after the other before one daemon, which sees everything and watches the files of the stage, and
/// everywhere modes with the set-user-ID bit.
#[derive(Debug)]
pub struct Player {
    actor: PathBuf,
    hooks: Vec<String>,
    house: House,
    /// Started for the first scenario, and again for the next one where it has failed.
    recorder: Option<Recorder>,
}

impl Player {
    /// With further arguments for the daemon.
    ///
    /// # Errors
    /// When RAMPART_ACTOR does not name the actor, or there is no room for a stage.
    pub fn new(hooks: Vec<String>) -> anyhow::Result<Self> {
        let actor = env::var_os("RAMPART_ACTOR");
        let actor = actor.context("RAMPART_ACTOR names the actor; `cargo xtask test` sets it")?;
        Ok(Self { actor: PathBuf::from(actor).canonicalize()?, hooks, house: House::new()?, recorder: None })
    }

    /// Plays one.
    ///
    /// # Errors
    /// When it does not go as it is written; the error says all that may help.
    pub fn play(&mut self, scenario: &Scenario) -> anyhow::Result<Outcome> {
        let running = Version::running()?;
        if let Some(needed) = scenario.needs.kernel.filter(|needed| *needed > running) {
            return Ok(Outcome::Skipped(format!("needs Linux {needed}, this is {running}")));
        }
        let recorder = match self.recorder.take() {
            Some(recorder) => recorder,
            None => Recorder::start(&self.arguments())?,
        };
        let stage = Stage::new(&self.house, &self.actor)?;
        let begin = recorder.mark();
        let deed = perform(scenario, &stage, &self.actor);
        let end = Command::new(&self.actor).arg("nothing").stdout(Stdio::null()).spawn()?;
        let recording = recorder.until_end_of(end, begin)?;
        // A daemon that did not fail is as good as new.
        self.recorder = Some(recorder);
        match deed? {
            Ok(deed) => judge(scenario, &stage, &deed, &recording).map(|()| Outcome::Passed),
            Err(lacking) => Ok(Outcome::Skipped(lacking)),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let watch = self.house.watched().map(|path| path.display().to_string());
        let watch = watch.into_iter().flat_map(|path| ["--watch".to_owned(), path]);
        let filled = ["--watch-created".to_owned(), self.house.filled().display().to_string()];
        let watch = watch.chain(filled).chain(["--watch-setuid".to_owned()]);
        watch.chain(self.hooks.iter().cloned()).collect()
    }

    /// Ends the daemon.
    ///
    /// # Errors
    /// When it does not end well, or has lost something.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        self.recorder.take().map_or(Ok(()), Recorder::stop)
    }
}

/// Does the deed; the inner error is what the environment lacks for it.
fn perform(scenario: &Scenario, stage: &Stage<'_>, actor: &Path) -> anyhow::Result<Result<Deed, String>> {
    let words: Vec<String> = scenario
        .deed
        .iter()
        .map(|word| stage.fill(&text(word), &Json::Null))
        .collect::<anyhow::Result<_>>()?;
    let child = Command::new(actor)
        .args(&words)
        .current_dir(stage.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| actor.display().to_string())?;
    let pid = child.id();
    let output = child.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.code() == Some(LACKING) {
        return Ok(Err(complaint));
    }
    // Some deeds end the actor: it is done when it was said.
    let said = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("actor {}: {}: {complaint}", words.join(" "), output.status))?;
    Ok(Ok(Deed { pid, said }))
}

fn judge(scenario: &Scenario, stage: &Stage<'_>, deed: &Deed, recording: &Recording) -> anyhow::Result<()> {
    let events = family::of(deed.pid, &recording.events);
    // Without that it means nothing that an event is absent.
    let began = |event: &&Json| event.get(CATEGORY).is_some_and(|category| category == BEGINNING);
    ensure!(
        events.iter().any(began),
        "the daemon has not seen the actor begin:\n{}",
        recording.log.join("\n")
    );
    let fill = |template: &str| stage.fill(template, &deed.said);
    let parse = |fields: &Map<String, Json>| Pattern::parse(fields, &fill);
    let mut faults = String::new();
    for wanted in &scenario.expect {
        let wanted = parse(wanted)?;
        if !events.iter().any(|event| wanted.matches(event)) {
            writeln!(faults, "expected and not seen: {wanted}\n{}", nearest(&wanted, &events))?;
        }
    }
    for unwanted in &scenario.absent {
        let unwanted = parse(unwanted)?;
        if let Some(event) = events.iter().find(|event| unwanted.matches(event)) {
            writeln!(faults, "seen and not to be: {unwanted}\n  {event}")?;
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let log = recording.log.join("\n  ");
    bail!("{}\n{faults}the actor said: {}\nthe daemon said:\n  {log}", scenario.about, deed.said)
}

/// The events of the same category that lack least, each with what it lacks; of other categories only which there were.
fn nearest(wanted: &Pattern, events: &[&Json]) -> String {
    let (same, others): (Vec<&Json>, Vec<&Json>) =
        events.iter().partition(|event| wanted.has_category(event));
    let mut ranked: Vec<(Vec<String>, &Json)> =
        same.into_iter().map(|event| (wanted.differences(event).collect(), event)).collect();
    ranked.sort_by_key(|(differences, _)| differences.len());
    let line = |(differences, event): &(Vec<String>, &Json)| {
        format!("  near: {}\n    {}", shortened(&differences.join("; ")), shortened(&event.to_string()))
    };
    let mut lines: Vec<String> = ranked.iter().take(NEAREST).map(line).collect();
    let others: BTreeSet<String> =
        others.into_iter().filter_map(|event| Some(text(event.get(CATEGORY)?))).collect();
    lines.push(format!("  others: {}", others.into_iter().collect::<Vec<_>>().join(", ")));
    lines.join("\n")
}

/// Some deeds have very long command lines.
fn shortened(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    end.map_or_else(|| text.to_owned(), |end| format!("{}…", text.split_at(end).0))
}
