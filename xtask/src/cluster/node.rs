//! The node: namespaces, held by a process that does nothing, and what runs in them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::{
    cgroup::Group,
    folder::{Folder, LAYERED},
    process::Process,
    program::PAUSE,
    setting,
};
use crate::{command, patience};

/// What remembers the process that holds the namespaces.
pub(super) const ANCHOR: &str = "node";

/// The process that writes its number into the file `$0` becomes what follows it, in a session without this
/// terminal.
const DETACHED: &str = "echo $$ > \"$0\"; exec setsid \"$@\"";

const MOUNTS: &str = include_str!("node/mounts.sh");

/// A node that is there.
#[derive(Debug)]
pub(super) struct Node {
    anchor: Process,
    folder: Folder,
    /// What a process writes its number to, to be of the cluster.
    group: PathBuf,
}

impl Node {
    /// Makes the namespaces and the file system.
    pub(super) fn start(folder: &Folder, group: &Path) -> Result<Self> {
        let mut anchor = detached(group);
        anchor.args(["unshare", "--mount", "--net", "--uts", "--propagation", "private", "--"]);
        anchor.arg(folder.program(PAUSE));
        let anchor = spawn(folder, ANCHOR, anchor)?;
        let holds = || Ok(fs::read_to_string(format!("/proc/{}/comm", anchor.id()))?.trim_end() == PAUSE);
        patience::until("the process that holds the namespaces", holds)?;
        let node = Self { anchor, folder: folder.clone(), group: group.to_owned() };
        let root = folder.root().to_str().context("the cluster's folder is not UTF-8")?;
        let arguments: Vec<&str> = std::iter::once(root).chain(LAYERED).collect();
        node.shell("mounts", MOUNTS, &arguments)?;
        // Whoever enters the node from a pod enters what its first process is in, and number 1 is this machine's.
        let id = node.id().to_string();
        node.shell("first", "mount --bind \"/proc/$1\" /proc/1", &[&id])?;
        node.shell("name", "echo \"$1\" > /proc/sys/kernel/hostname", &[setting::NODE])?;
        Ok(node)
    }

    /// The one that is there; none when there is no cluster.
    pub(super) fn kept(folder: &Folder) -> Option<Self> {
        let anchor = Process::kept(&folder.process(ANCHOR)).filter(|anchor| anchor.runs())?;
        Some(Self { anchor, folder: folder.clone(), group: Group::find().ok()?.create().ok()? })
    }

    /// The number of a process in the node.
    pub(super) fn id(&self) -> u32 {
        self.anchor.id()
    }

    /// A command in the node.
    pub(super) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(self.namespaces()).arg(program.as_ref()).current_dir("/");
        command
    }

    /// Runs a piece of shell in the node, which finds `arguments` as `$1` and so on.
    pub(super) fn shell(&self, name: &str, script: &str, arguments: &[&str]) -> Result<()> {
        let mut shell = self.command("sh");
        shell.args(["-euc", script, name]).args(arguments);
        command::logged(&mut shell, &self.folder.log(name)).with_context(|| format!("the node's {name}"))
    }

    /// Starts something in the node that goes on when this process has ended.
    pub(super) fn start_daemon(&self, name: &str, arguments: &[&str]) -> Result<Process> {
        let mut daemon = detached(&self.group);
        daemon.arg("nsenter").args(self.namespaces()).args(arguments);
        spawn(&self.folder, name, daemon)
    }

    fn namespaces(&self) -> [String; 6] {
        let words = ["--mount", "--net", "--uts", "--wd=/", "--"];
        let [mount, net, uts, folder, end] = words.map(str::to_owned);
        [format!("--target={}", self.id()), mount, net, uts, folder, end]
    }
}

fn detached(group: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-euc", DETACHED]).arg(group).current_dir("/");
    command
}

/// Starts a command that becomes another one and stays the same process, and keeps which that is.
fn spawn(folder: &Folder, name: &str, mut command: Command) -> Result<Process> {
    let log = folder.log(name);
    let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let process = Process::of(child.id())?;
    process.keep(&folder.process(name))?;
    if let Some(status) = child.try_wait()? {
        bail!("{name} ended at once ({status})");
    }
    Ok(process)
}
