use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

use crate::{Kubectl, until, variable};

/// The results of a scan, by the numbers of checks.
pub type Results = BTreeMap<u64, String>;

/// Where processes of the node are, among the control groups.
const GROUP: &str = "rampart-cluster/node/cgroup.procs";

/// The one node.
#[derive(Debug)]
pub struct Node {
    folder: PathBuf,
    pid: u32,
    daemon: PathBuf,
}

impl Node {
    /// The node of the cluster that the test's surroundings name.
    ///
    /// # Errors
    /// When they name none, or it is not up.
    pub fn find() -> anyhow::Result<Self> {
        let folder = variable("RAMPART_CLUSTER")?;
        let kept = fs::read_to_string(folder.join("process/node")).context("the cluster is not up")?;
        let pid = kept.split(' ').next().unwrap_or_default().trim().parse()?;
        Ok(Self { folder, pid, daemon: variable("RAMPART_BIN")? })
    }

    /// Its cluster, as the administrator.
    #[must_use]
    pub fn kubectl(&self) -> Kubectl {
        Kubectl::new(&self.folder)
    }

    /// A file of the node's, as this machine sees it.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.pid))
    }

    /// Runs a script on the node, where `kubectl` is the cluster's administrator; what it prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(&self, script: &str) -> anyhow::Result<String> {
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.folder.join("bin").display());
        let kubeconfig = self.folder.join("kubeconfig");
        self.capture(
            Path::new("sh"),
            &["-ec", script],
            &[("PATH", path.as_ref()), ("KUBECONFIG", &kubeconfig)],
        )
    }

    /// Scans it with all policies.
    ///
    /// # Errors
    /// When that fails.
    pub fn scan(&self) -> anyhow::Result<Json> {
        let report = self.capture(&self.daemon, &["sca", "scan", "--format", "json"], &[])?;
        Ok(serde_json::from_str(&report)?)
    }

    /// Scans it with all policies, and keeps the results only.
    ///
    /// # Errors
    /// When that fails, or is no report.
    pub fn results(&self) -> anyhow::Result<Results> {
        results(&self.scan()?)
    }

    /// Ends containerd as somebody who updates it does, and starts it again.
    ///
    /// # Errors
    /// When it does not end or does not come back.
    pub fn restart_containerd(&self) -> anyhow::Result<()> {
        let kept = self.folder.join("process/containerd");
        let old = fs::read_to_string(&kept)?;
        let old = old.split(' ').next().unwrap_or_default().to_owned();
        self.run(&format!("kill {old}"))?;
        until("the end of containerd", || {
            Ok((!Path::new(&format!("/proc/{old}/fd/0")).exists()).then_some(()))
        })?;
        let group = unified()?.join(GROUP);
        let mut command = Command::new("sh");
        command.args(["-euc", "echo $$ > \"$0\"; exec setsid \"$@\""]).arg(group);
        command.args([
            "nsenter",
            "-t",
            &self.pid.to_string(),
            "-m",
            "-n",
            "-u",
            "--wd=/",
            "--",
            "containerd",
        ]);
        let log = fs::File::options().append(true).open(self.folder.join("log/containerd.log"))?;
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        // As `cargo xtask cluster` remembers it: the number, and the time of its start in clock ticks.
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let started = fields.nth(19).context("no time of its start")?;
        fs::write(kept, format!("{} {started}\n", child.id()))?;
        until("containerd", || Ok(self.run("ctr --address /run/containerd/containerd.sock version").ok()))
            .map(drop)
    }

    fn capture(&self, program: &Path, args: &[&str], variables: &[(&str, &Path)]) -> anyhow::Result<String> {
        let pid = self.pid.to_string();
        let mut command = Command::new("nsenter");
        command.args(["-t", &pid, "-m", "-n", "-u"]).arg(program).args(args);
        command.envs(variables.iter().copied()).current_dir("/");
        let output = command.output().context("nsenter")?;
        if !output.status.success() {
            bail!("{args:?}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// Where the unified hierarchy of control groups is mounted.
fn unified() -> anyhow::Result<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mut places = fields.filter_map(|fields| match fields[..] {
        [_, place, "cgroup2", ..] => Some(PathBuf::from(place)),
        _ => None,
    });
    places.next().context("no cgroup2 is mounted")
}

/// The results in a report, of a scan or of an agent.
///
/// # Errors
/// When it is none.
pub fn results(report: &Json) -> anyhow::Result<Results> {
    let policies = report.pointer("/policies").and_then(Json::as_array).context("no policies")?;
    let checks = policies.iter().filter_map(|policy| policy.pointer("/checks")?.as_array()).flatten();
    let result = |check: &Json| {
        let id = check.pointer("/id").and_then(Json::as_u64).context("a check without a number")?;
        let result = check.pointer("/result").and_then(Json::as_str).context("a check without a result")?;
        Ok((id, result.to_owned()))
    };
    checks.map(result).collect()
}
