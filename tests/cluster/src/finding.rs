use std::fmt;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::Line;

/// A finding as it has arrived at a manager.
#[derive(Clone)]
pub struct Finding {
    /// Which manager.
    pub manager: &'static str,
    /// The agent's id there.
    pub agent: String,
    /// When, in seconds since 1970.
    pub arrived: f64,
    /// The finding, as managers get it: what is under `rampart` elsewhere is beside the rest.
    pub json: Json,
}

impl Finding {
    pub(crate) fn read(line: &Line) -> Option<Self> {
        Some(Self {
            manager: line.manager,
            agent: line.json.pointer("/agent")?.as_str()?.to_owned(),
            arrived: line.json.pointer("/seen")?.as_f64()?,
            json: line.json.pointer("/message/rampart")?.clone(),
        })
    }

    /// A text, by its dotted path; empty when there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        let value = path.split('.').try_fold(&self.json, |value, name| value.get(name));
        match value {
            Some(Json::String(text)) => text.clone(),
            Some(Json::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// The rule's title.
    #[must_use]
    pub fn rule(&self) -> String {
        self.text("rule.name")
    }

    /// Whether it is of level medium or above.
    #[must_use]
    pub fn is_serious(&self) -> bool {
        ["medium", "high", "critical"].contains(&self.text("severity").as_str())
    }

    /// Whether it happened in the cluster, and not to somebody else on this machine: they have one kernel.
    #[must_use]
    pub fn is_of_cluster(&self) -> bool {
        self.text("cgroup").contains("/rampart-cluster/")
    }

    /// Seconds from the deed to its arrival.
    ///
    /// # Errors
    /// When it does not say when the deed was done.
    pub fn delay(&self) -> anyhow::Result<f64> {
        let time: Timestamp = self.text("@timestamp").parse().context("@timestamp")?;
        Ok(self.arrived - time.as_duration().as_secs_f64())
    }
}

/// In one line, as people want to see it in the message of a test that fails.
impl fmt::Debug for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [severity, rule, message, pod, completeness] =
            ["severity", "rule.name", "message", "orchestrator.resource.name", "completeness"]
                .map(|path| self.text(path));
        write!(formatter, "[{severity}] {rule}: {message} (pod {pod}, {completeness} at {})", self.manager)
    }
}
