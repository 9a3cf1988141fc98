use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::{Account, lines::Lines};

/// How long anything may take on a busy machine, or an emulated one, before it counts as not happening. Not a promise of
/// speed.
pub const PATIENCE: Duration = Duration::from_mins(3);

/// A command of the binary under test.
///
/// # Errors
/// When `RAMPART_BIN` is not set.
pub fn rampart<const N: usize>(args: [&str; N]) -> anyhow::Result<Command> {
    let binary: OsString = std::env::var_os("RAMPART_BIN")
        .context("RAMPART_BIN names the binary under test; `cargo xtask test` sets it")?;
    let mut command = Command::new(binary);
    command.args(args);
    Ok(command)
}

/// A running `rampart run`.
#[derive(Debug)]
pub struct Agent {
    child: Child,
    findings: Lines,
    log: Lines,
    folder: TempDir,
}

/// A `rampart run` that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// Everything it has found.
    pub findings: Vec<Json>,
    /// What became of the events, by kind.
    pub accounts: BTreeMap<String, Account>,
    /// Its log.
    pub log: Vec<String>,
}

impl Agent {
    /// Starts it with the defaults and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready; the error holds its log.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with("")
    }

    /// Starts it with lines of configuration and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready; the error holds its log.
    pub fn start_with(config: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("rampart.yml");
        // Of its own: an agent of the machine's may be running.
        let mut text = format!("node: e2e\nlock: {}/lock\n{config}\n", folder.path().display());
        if !config.contains("state:") {
            writeln!(text, "state: {}/state", folder.path().display())?;
        }
        // Scans of the configuration are for the tests that ask for them.
        if !config.contains("sca:") {
            text += "sca: {enabled: false}\n";
        }
        fs::write(&file, text)?;
        let mut child = rampart(["run", "--config"])?
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let findings = Lines::collect(child.stdout.take().context("stdout")?)?;
        let log = Lines::collect(child.stderr.take().context("stderr")?)?;
        let agent = Self { child, findings, log, folder };
        let ready = |lines: &[String]| lines.iter().any(|line| line.contains(" ready ")).then_some(());
        if agent.log.wait(PATIENCE, ready).is_none() {
            bail!("not ready:\n{}", agent.log.all().join("\n"));
        }
        Ok(agent)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// When it does not run any more.
    pub fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// The configuration file it runs with.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("rampart.yml")
    }

    /// The place in its findings where it is now.
    pub(crate) fn mark(&self) -> usize {
        self.findings.count()
    }

    /// Waits until something can be said of the findings from a place on; none where that takes too long.
    pub(crate) fn findings_since<T>(
        &self,
        begin: usize,
        patience: Duration,
        decided: impl Fn(&[Json]) -> Option<T>,
    ) -> Option<T> {
        self.findings.wait(patience, |lines| decided(&parse(lines.get(begin..).unwrap_or_default())))
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.all()
    }

    /// What it has found so far.
    #[must_use]
    pub fn findings(&self) -> Vec<Json> {
        parse(&self.findings.all())
    }

    /// Waits until its log, as one text, is as wanted.
    ///
    /// # Errors
    /// When it never is; the error holds the log.
    pub fn wait_for_log(&self, wanted: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        let found = self.log.wait(PATIENCE, |lines| wanted(&lines.join("\n")).then_some(()));
        found.with_context(|| format!("the log is not as wanted:\n{}", self.log.all().join("\n")))
    }

    /// Waits for a finding.
    ///
    /// # Errors
    /// When none comes; the error lists those that did.
    pub fn wait_for(&self, wanted: impl Fn(&Json) -> bool) -> anyhow::Result<Json> {
        let found = self.findings.wait(PATIENCE, |lines| parse(lines).into_iter().find(&wanted));
        found.with_context(|| format!("no such finding among:\n{}", self.findings.all().join("\n")))
    }

    /// Ends it by a signal, waits for it, and gives its account.
    ///
    /// # Errors
    /// When it cannot be signalled or waited for.
    pub fn stop(mut self, signal: Signal) -> anyhow::Result<Ended> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("pid")?;
        kill_process(pid, signal)?;
        self.wait()
    }

    /// Waits for it to end.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(&mut self) -> anyhow::Result<Ended> {
        let status = self.child.wait()?;
        // The pipes may still hold lines: they are complete when no line has come for a while.
        let mut seen = usize::MAX;
        while seen != self.log.all().len() + self.findings.all().len() {
            seen = self.log.all().len() + self.findings.all().len();
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = self.log.all();
        Ok(Ended { status, findings: self.findings(), accounts: Account::read(&log), log })
    }
}

impl Drop for Agent {
    /// A failed test leaves no agent behind.
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}

fn parse(lines: &[String]) -> Vec<Json> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

impl AsRef<Path> for Agent {
    fn as_ref(&self) -> &Path {
        self.folder.path()
    }
}
