use prometheus::IntCounter;

use super::{Metrics, MetricsError, registrar::Registrar};

/// What has happened to watched files.
#[derive(Debug)]
pub(super) struct Integrity {
    events: IntCounter,
}

impl Integrity {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        let help = "Changes to watched files.";
        Ok(Self { events: registrar.counter("wazuh_fim_events_total", help)? })
    }
}

impl Metrics {
    /// Counts changes to watched files.
    pub fn fim_events(&self, count: u64) {
        self.families.integrity.events.inc_by(count);
    }
}
