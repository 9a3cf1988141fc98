use std::process::{Child, Stdio};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use crate::{
    agent::{PATIENCE, rampart},
    lines::Lines,
};

/// A running `rampart events`.
#[derive(Debug)]
pub struct Recorder {
    child: Child,
    events: Lines,
    log: Lines,
}

/// What it recorded.
#[derive(Debug)]
pub struct Recording {
    /// The events in the order in which they came.
    pub events: Vec<Json>,
    /// Its log.
    pub log: Vec<String>,
}

impl Recorder {
    /// Starts it and waits until it records.
    ///
    /// # Errors
    /// When it does not come to that; the error holds its log.
    pub fn start(arguments: &[String]) -> anyhow::Result<Self> {
        let mut child = rampart(["events", "--format", "json"])?
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let events = Lines::collect(child.stdout.take().context("stdout")?)?;
        let log = Lines::collect(child.stderr.take().context("stderr")?)?;
        let recorder = Self { child, events, log };
        let ready = |lines: &[String]| lines.iter().any(|line| line.contains("recording")).then_some(());
        if recorder.log.wait(PATIENCE, ready).is_none() {
            bail!(
                "rampart events {}: not recording:\n{}",
                arguments.join(" "),
                recorder.log.all().join("\n")
            );
        }
        Ok(recorder)
    }

    /// The place in its record where it is now.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.events.count()
    }

    /// Waits for `last` to end, and gives what was recorded from `begin` until then.
    ///
    /// # Errors
    /// When that end is never recorded; the error holds the log.
    pub fn until_end_of(&self, mut last: Child, begin: usize) -> anyhow::Result<Recording> {
        last.wait()?;
        let pid = format!("\"ProcessId\":{},", last.id());
        let is_end = |line: &str| line.contains("\"process_termination\"") && line.contains(&pid);
        let lines = self.events.wait(PATIENCE, |lines| {
            let lines = lines.get(begin..)?;
            lines.iter().any(|line| is_end(line)).then(|| lines.to_vec())
        });
        let log = self.log.all();
        let lines = lines
            .with_context(|| format!("the end of pid {} is not told:\n{}", last.id(), log.join("\n")))?;
        let parse = |line: &String| serde_json::from_str(line).with_context(|| format!("no JSON: {line}"));
        Ok(Recording { events: lines.iter().map(parse).collect::<anyhow::Result<_>>()?, log })
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it does not end, or not well, or has lost something; the error holds its log.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("pid")?;
        kill_process(pid, Signal::INT)?;
        let ended = self.events.complete(PATIENCE);
        let log = self.log.complete(PATIENCE).unwrap_or_else(|| self.log.all()).join("\n");
        ended.with_context(|| format!("rampart events does not end:\n{log}"))?;
        let status = self.child.wait()?;
        ensure!(status.success() && !log.contains("events were lost"), "rampart events: {status}\n{log}");
        Ok(())
    }
}

impl Drop for Recorder {
    /// A failed test leaves no recorder behind.
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}
