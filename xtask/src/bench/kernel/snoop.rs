//! execsnoop of the BCC project: prints every program that is executed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{
    contender::{Contender, Tally, Watcher},
    storm::Deed,
};
use crate::{
    bench::{daemon::Daemon, process},
    command,
};

/// Its name among the contenders, and its program's.
pub(super) const EXECSNOOP: &str = "execsnoop";

/// It does not say when it is ready, nor when it has printed everything.
const MOMENT: Duration = Duration::from_millis(1500);

/// How execsnoop is started.
#[derive(Debug)]
pub(super) struct Execsnoop {
    program: PathBuf,
    output: PathBuf,
}

/// execsnoop, running.
#[derive(Debug)]
struct Snooping<'a> {
    daemon: Daemon,
    output: &'a Path,
}

impl Execsnoop {
    /// An error says what is lacking.
    pub(super) fn find(folder: &Path) -> Result<Self> {
        let program = command::find(EXECSNOOP).context("it is not installed")?;
        Ok(Self { program, output: folder.join("execsnoop.out") })
    }
}

impl Contender for Execsnoop {
    fn name(&self) -> &'static str {
        EXECSNOOP
    }

    fn deeds(&self) -> &'static [Deed] {
        &[Deed::Spawn]
    }

    fn start(&self) -> Result<Box<dyn Watcher + '_>> {
        let output =
            File::create(&self.output).with_context(|| format!("cannot write {}", self.output.display()))?;
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output);
        // It writes the rest of its output at this signal only.
        let daemon = Daemon::start(&mut command, "INT")?;
        sleep(MOMENT);
        daemon.check().with_context(|| format!("its output is {}", self.output.display()))?;
        Ok(Box::new(Snooping { daemon, output: &self.output }))
    }
}

impl Watcher for Snooping<'_> {
    fn tally(&mut self) -> Result<Option<Tally>> {
        sleep(MOMENT);
        self.daemon.check()?;
        Ok(Some(Tally {
            cpu_seconds: process::cpu_seconds(self.daemon.id())?,
            memory: process::memory(self.daemon.id())?,
            events: None,
            lost: None,
        }))
    }

    fn stop(self: Box<Self>) -> Result<()> {
        self.daemon.check()?;
        let output = self.output;
        drop(self);
        // The first line is the heading.
        if fs::read_to_string(output)?.lines().nth(1).is_none() {
            bail!("{EXECSNOOP} has seen nothing");
        }
        Ok(())
    }
}
