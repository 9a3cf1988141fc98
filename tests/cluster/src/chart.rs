use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use crate::{
    Kubectl, Managers, Node,
    kubectl::{TIMEOUT, capture},
    managers::PASSWORD,
    variable,
};

/// What the tests' installation is called.
pub const RELEASE: &str = "wazuh-hardening";
/// Its namespace.
pub const NAMESPACE: &str = "wazuh-system";

/// Where the agent keeps what outlasts it.
const STATE: &str = "/var/lib/rampart /run/rampart";

/// The chart, installed with the image that has just been built.
#[derive(Debug)]
pub struct Chart {
    kubectl: Kubectl,
    values: Json,
    /// From the beginning of the installation until all agents were ready.
    pub ready_after: Duration,
}

impl Chart {
    /// Takes away what an earlier run has left, as if the node had never seen it.
    ///
    /// # Errors
    /// When it stays.
    pub fn remove(node: &Node) -> anyhow::Result<()> {
        node.kubectl().run(&format!("delete namespace {NAMESPACE} --ignore-not-found {TIMEOUT}"))?;
        node.run(&format!("rm -rf {STATE}")).map(drop)
    }

    /// Installs it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn install(node: &Node, managers: &Managers) -> anyhow::Result<Self> {
        let (kubectl, values) = (node.kubectl(), values(managers));
        let mut chart = Self { kubectl, values, ready_after: Duration::ZERO };
        let begin = Instant::now();
        chart.apply()?;
        chart.ready_after = begin.elapsed();
        Ok(chart)
    }

    /// Upgrades it with other values on top, and waits until all agents are ready.
    ///
    /// # Errors
    /// When they do not become ready.
    pub fn upgrade(&mut self, changes: Json) -> anyhow::Result<()> {
        merge(&mut self.values, changes);
        self.apply()
    }

    fn apply(&self) -> anyhow::Result<()> {
        let mut helm = Command::new(variable("RAMPART_HELM")?);
        helm.args(["upgrade", RELEASE]).arg(variable("RAMPART_CHART")?);
        helm.args(["--install", "--create-namespace", "--namespace", NAMESPACE, "--values", "-"]);
        helm.env("KUBECONFIG", variable("KUBECONFIG")?);
        capture(&mut helm, &self.values.to_string()).context("helm upgrade")?;
        self.kubectl.rollout(NAMESPACE, &format!("daemonset/{RELEASE}-agent"))
    }
}

/// Everything that can be on, two managers, and labels of the tests' pods.
fn values(managers: &Managers) -> Json {
    json!({
        "manager": {
            "host": Managers::host("manager-a"),
            "registrationPassword": PASSWORD,
            "tls": { "verify": "full", "ca": managers.authority() },
            "failover": { "enabled": true, "hosts": [{ "host": Managers::host("manager-b") }] },
        },
        "image": { "pullPolicy": "Never" },
        "compliance": {
            "cisKubernetes": { "profile": "L2" },
            "cisLinux": { "profile": "L2" },
            "pciDss": { "enabled": true },
            "hipaa": { "enabled": true },
            "soc2": { "enabled": true },
        },
        "sca": { "cpuPercent": 100 },
    })
}

/// Objects are merged, all else is replaced.
fn merge(into: &mut Json, from: Json) {
    match (into, from) {
        (Json::Object(into), Json::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Json::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::json;

    #[test]
    fn what_is_not_named_stays() {
        let mut values = json!({ "a": { "b": 1, "c": [1, 2] } });
        merge(&mut values, json!({ "a": { "c": [3] }, "d": {} }));
        assert_eq!(values, json!({ "a": { "b": 1, "c": [3] }, "d": {} }));
    }
}
