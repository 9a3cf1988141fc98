use prometheus::IntGauge;

use super::{Metrics, MetricsError, bound::Gauges, registrar::Registrar};

/// What runs, and whether it does its work.
#[derive(Debug)]
pub(super) struct Agent {
    build: Gauges,
    up: IntGauge,
}

impl Agent {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            build: registrar.gauges("rampart_build_info", "The running version.", &["version"])?,
            up: registrar.gauge(
                "wazuh_agent_up",
                "Whether the agent is ready and, where managers are configured, connected to one of them: 1 or 0.",
            )?,
        })
    }

    pub(super) fn set_version(&self, version: &str) {
        self.build.set(&[version], 1);
    }
}

impl Metrics {
    /// Sets whether all that is required does its work. Whether the agent is up follows from it and from its managers.
    pub(crate) fn agent_works(&self, works: bool) {
        let reports = self.families.manager.is_connected().unwrap_or(true);
        self.families.agent.up.set((works && reports).into());
    }
}
