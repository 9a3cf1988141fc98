use std::{
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value as Json;

use super::Scenario;
use crate::{
    lines::Lines,
    scenario::{LACKING, stage::Stage, text},
};

/// How long a deed may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The script, for the actor.
const SCRIPT_VARIABLE: &str = "RAMPART_SCRIPT";

/// Where somebody must listen also in a network of the deed's own.
const PORT_VARIABLE: &str = "RAMPART_LISTENING_PORT";

/// What the actor did.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) pid: u32,
    /// What it said of it, or why it did not do it.
    pub(super) said: Result<Json, Failure>,
}

/// Why a deed was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The environment lacks something.
    Lacking(String),
    /// It went wrong.
    Wrong(String),
}

/// Has the actor do what a scenario says, and waits for it.
pub(super) fn perform(scenario: &Scenario, stage: &Stage<'_>, actor: &Path) -> anyhow::Result<Deed> {
    let fill = |template: &str| stage.fill(template, &Json::Null);
    let words: Vec<String> =
        scenario.deed.iter().map(|word| fill(&text(word))).collect::<anyhow::Result<_>>()?;
    let mut command = Command::new(actor);
    command.args(&words).current_dir(stage.folder()).env(PORT_VARIABLE, fill("{listening_port}")?);
    if let Some(script) = &scenario.script {
        command.env(SCRIPT_VARIABLE, fill(script).context("`script`")?);
    }
    let Ended { pid, status, output, complaint } = wait(command)?;
    let said = match status.code() {
        Some(0) => Ok(serde_json::from_str(&output).unwrap_or_default()),
        Some(LACKING) => Err(Failure::Lacking(complaint)),
        _ => Err(Failure::Wrong(format!("actor {}: {status}: {complaint}", words.join(" ")))),
    };
    Ok(Deed { pid, said })
}

/// How it ended, and what it wrote to its standard output and to that for errors.
struct Ended {
    pid: u32,
    status: ExitStatus,
    output: String,
    complaint: String,
}

/// Ends what takes too long, with all that it has started.
fn wait(mut command: Command) -> anyhow::Result<Ended> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.process_group(0).spawn().context("starting the actor")?;
    let pid = child.id();
    let output = Lines::collect(child.stdout.take().context("stdout")?)?;
    let complaint = Lines::collect(child.stderr.take().context("stderr")?)?;
    let has_ended = output.complete(PATIENCE).is_some();
    if !has_ended {
        let group = i32::try_from(pid).ok().and_then(Pid::from_raw).context("pid")?;
        kill_process_group(group, Signal::KILL)?;
    }
    let status = child.wait()?;
    let complaint = complaint.complete(PATIENCE).unwrap_or_default().join("\n");
    ensure!(has_ended, "the deed had not ended after {PATIENCE:?}: {complaint}");
    Ok(Ended { pid, status, output: output.all().join("\n"), complaint })
}
