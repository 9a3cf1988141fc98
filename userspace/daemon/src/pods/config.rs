use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};
use rampart_kubernetes::{KubernetesError, LabelChoice, Settings};
use serde::Deserialize;

/// Longer than that nobody wants to wait for a finding.
const WAIT_MILLISECONDS: RangeInclusive<u32> = 0..=10_000;

/// What is asked of the API server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Kubernetes {
    /// A file that says where the API server is; without one it is the cluster of the pod that the agent runs in.
    kubeconfig: Option<PathBuf>,
    /// Which labels of pods go into findings: exact names, or `prefix/*`.
    labels: Vec<String>,
    /// How long a finding waits at most for what the API server knows of its pod.
    wait_milliseconds: u32,
}

impl Default for Kubernetes {
    fn default() -> Self {
        Self { kubeconfig: None, labels: Vec::new(), wait_milliseconds: 1_000 }
    }
}

impl Kubernetes {
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if let Some(file) = self.kubeconfig.as_ref().filter(|file| !file.is_absolute()) {
            bail!("kubernetes.kubeconfig: {} is not an absolute path", file.display());
        }
        let (wait, allowed) = (self.wait_milliseconds, WAIT_MILLISECONDS);
        if !allowed.contains(&wait) {
            bail!(
                "kubernetes.wait_milliseconds: {wait} is not from {} to {}",
                allowed.start(),
                allowed.end()
            );
        }
        self.labels().context("kubernetes.labels")?;
        Ok(())
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { kubeconfig: self.kubeconfig.clone() }
    }

    pub(crate) fn labels(&self) -> Result<LabelChoice, KubernetesError> {
        LabelChoice::new(&self.labels)
    }

    pub(crate) fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_milliseconds.into())
    }
}
