//! The node of a Kubernetes cluster as `cargo xtask cluster up` makes it, for tests.

#![forbid(unsafe_code)]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

/// The results of a scan, by the numbers of checks.
pub type Results = BTreeMap<u64, String>;

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
        let variable = |name: &str| {
            env::var_os(name).with_context(|| format!("{name} is not set; `cargo xtask test` sets it"))
        };
        let folder = PathBuf::from(variable("RAMPART_CLUSTER")?);
        let kept = fs::read_to_string(folder.join("process/node")).context("the cluster is not up")?;
        let pid = kept.split(' ').next().unwrap_or_default().trim().parse()?;
        Ok(Self { folder, pid, daemon: variable("RAMPART_BIN")?.into() })
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
        let report = self.scan()?;
        let policies = report.pointer("/policies").and_then(Json::as_array).context("no policies")?;
        let checks = policies.iter().filter_map(|policy| policy.pointer("/checks")?.as_array()).flatten();
        let result = |check: &Json| {
            let id = check.pointer("/id").and_then(Json::as_u64).context("a check without a number")?;
            let result =
                check.pointer("/result").and_then(Json::as_str).context("a check without a result")?;
            Ok((id, result.to_owned()))
        };
        checks.map(result).collect()
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
