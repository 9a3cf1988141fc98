//! The kernel's audit with its daemon: what most machines are watched with.

mod control;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::{
    contender::{Contender, Tally, Watcher},
    storm::Deed,
};
use crate::{
    bench::{daemon::Daemon, process},
    command, patience,
};
use control::Control;

/// Its name among the contenders.
pub(super) const AUDITD: &str = "auditd";

/// What we watch too.
const RULE: [&str; 6] = ["-a", "always,exit", "-F", "arch=b64", "-S", "execve,execveat,connect"];

/// What its log has of every system call that the rule is about.
const SEEN: &[u8] = b"type=SYSCALL";

/// Once audit was on, the kernel prepares every new task for it for as long as it is up, which slows all system
/// calls down. Between its rounds this rule keeps it from that, so that the bare machine is one.
const NO_TASKS: [&str; 2] = ["-a", "never,task"];

/// Debian's, but for the places.
const CONFIGURATION: &str = "\
local_events = yes
write_logs = yes
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = 8
num_logs = 5
priority_boost = 4
name_format = NONE
max_log_file_action = ROTATE
space_left = 75
space_left_action = SYSLOG
admin_space_left = 50
admin_space_left_action = SUSPEND
disk_full_action = SUSPEND
disk_error_action = SUSPEND
q_depth = 2000
overflow_action = SYSLOG
";

/// The kernel's audit, ours until this is dropped.
#[derive(Debug)]
pub(super) struct Audit {
    control: Control,
    program: PathBuf,
    folder: PathBuf,
}

/// Its daemon, running.
#[derive(Debug)]
struct Auditing<'a> {
    daemon: Daemon,
    audit: &'a Audit,
}

impl Audit {
    /// Takes it over. An error says what is lacking, or who else has it.
    pub(super) fn claim(folder: &Path) -> Result<Self> {
        let program = command::find(AUDITD).context("it is not installed")?;
        let folder = folder.join("audit");
        let plugins = folder.join("plugins");
        fs::create_dir_all(&plugins).with_context(|| format!("cannot create {}", plugins.display()))?;
        let audit = Self { control: Control::claim()?, program, folder };
        fs::write(audit.folder.join("auditd.conf"), audit.configuration())?;
        audit.control.set(&NO_TASKS)?;
        Ok(audit)
    }

    fn configuration(&self) -> String {
        let (log, plugins) = (self.log(), self.folder.join("plugins"));
        format!("{CONFIGURATION}log_file = {}\nplugin_dir = {}\n", log.display(), plugins.display())
    }

    fn log(&self) -> PathBuf {
        self.folder.join("audit.log")
    }

    fn launch(&self) -> Result<Daemon> {
        let path = self.folder.join("auditd.out");
        let output = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut command = Command::new(&self.program);
        command.args(["-n", "-c"]).arg(&self.folder);
        command.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output);
        let daemon = Daemon::start(&mut command, "TERM")?;
        let id = u64::from(daemon.id());
        patience::until("auditd", || {
            daemon.check()?;
            Ok(self.control.status()?.get("pid")? == id)
        })
        .with_context(|| format!("its output is {}", path.display()))?;
        Ok(daemon)
    }

    /// The kernel keeps what the daemon has not read, and would tell it to the next one.
    fn drained(&self) -> Result<()> {
        patience::until("the end of audit's backlog", || Ok(self.control.status()?.get("backlog")? == 0))
    }
}

impl Contender for Audit {
    fn name(&self) -> &'static str {
        AUDITD
    }

    fn deeds(&self) -> &'static [Deed] {
        &[Deed::Spawn, Deed::Connect]
    }

    fn start(&self) -> Result<Box<dyn Watcher + '_>> {
        let daemon = self.launch()?;
        let auditing = Auditing { daemon, audit: self };
        self.control.remove_rules()?;
        self.control.set(&RULE)?;
        Ok(Box::new(auditing))
    }
}

impl Watcher for Auditing<'_> {
    fn tally(&mut self) -> Result<Option<Tally>> {
        self.daemon.check()?;
        self.audit.drained()?;
        let lost = u32::try_from(self.audit.control.status()?.get("lost")?)?;
        Ok(Some(Tally {
            cpu_seconds: process::cpu_seconds(self.daemon.id())?,
            memory: process::memory(self.daemon.id())?,
            events: None,
            lost: Some(f64::from(lost)),
        }))
    }

    fn stop(self: Box<Self>) -> Result<()> {
        let audit = self.audit;
        self.daemon.check()?;
        audit.control.remove_rules()?;
        audit.drained()?;
        audit.control.set(&["-e", "0"])?;
        drop(self);
        audit.control.set(&NO_TASKS)?;
        let log = fs::read(audit.log()).context("auditd has written no log")?;
        // Right after it was rotated the log is empty, and then it has seen enough.
        if !log.is_empty() && !contains(&log, SEEN) {
            bail!("auditd has seen nothing");
        }
        Ok(())
    }
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
