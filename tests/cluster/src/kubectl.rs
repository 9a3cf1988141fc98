use std::{
    ffi::OsStr,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

/// What each wait is given.
pub(crate) const TIMEOUT: &str = "--timeout=120s";

/// The cluster's administrator at this machine.
#[derive(Debug, Clone)]
pub struct Kubectl {
    folder: PathBuf,
}

impl Kubectl {
    pub(crate) fn new(cluster: &Path) -> Self {
        Self { folder: cluster.to_owned() }
    }

    /// A command that is not started yet.
    #[must_use]
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(self.folder.join("bin/kubectl"));
        command.env("KUBECONFIG", self.folder.join("kubeconfig"));
        command.env("KUBECACHEDIR", self.folder.join("cache")).args(arguments);
        command
    }

    /// What it prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(&self, line: &str) -> anyhow::Result<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        capture(&mut self.command(&words), "").with_context(|| format!("kubectl {line}"))
    }

    /// What there is, as JSON.
    ///
    /// # Errors
    /// When it fails.
    pub fn get(&self, what: &str) -> anyhow::Result<Json> {
        Ok(serde_json::from_str(&self.run(&format!("get {what} --output=json"))?)?)
    }

    /// Makes what a manifest says, or changes what there is.
    ///
    /// # Errors
    /// When it fails.
    pub fn apply(&self, manifest: &str) -> anyhow::Result<()> {
        capture(&mut self.command(&["apply", "--filename=-"]), manifest).map(drop).context("kubectl apply")
    }

    /// Waits for the end of a rollout.
    ///
    /// # Errors
    /// When it does not end.
    pub fn rollout(&self, namespace: &str, workload: &str) -> anyhow::Result<()> {
        self.run(&format!("rollout status {workload} --namespace={namespace} {TIMEOUT}")).map(drop)
    }

    /// Makes a namespace anew, whatever is in it.
    ///
    /// # Errors
    /// When it fails.
    pub fn fresh_namespace(&self, name: &str) -> anyhow::Result<()> {
        self.run(&format!("delete namespace {name} --ignore-not-found {TIMEOUT}"))?;
        self.run(&format!("create namespace {name}"))?;
        // No pod can be made before.
        self.run(&format!("wait --for=create serviceaccount/default --namespace={name} {TIMEOUT}")).map(drop)
    }
}

/// What a command prints that is given an input.
pub(crate) fn capture(command: &mut Command, input: &str) -> anyhow::Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start")?;
    child.stdin.take().context("stdin")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
