use prometheus::Gauge;

use super::{Metrics, MetricsError, registrar::Registrar};

/// What is known to be wrong with what is installed.
#[derive(Debug)]
pub(super) struct Vulnerabilities {
    detected: Gauge,
}

impl Vulnerabilities {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        let help = "Vulnerabilities of the node's and its containers' packages; NaN until they have been looked for.";
        let detected = registrar.real("wazuh_vulnerabilities_detected", help)?;
        // Not known is not zero.
        detected.set(f64::NAN);
        Ok(Self { detected })
    }
}

impl Metrics {
    /// Sets how many vulnerabilities there are.
    pub fn vulnerabilities(&self, count: u32) {
        self.families.vulnerabilities.detected.set(count.into());
    }
}
