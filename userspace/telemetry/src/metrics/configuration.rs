use std::time::Duration;

use prometheus::Gauge;
use rampart_model::Timestamp;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges},
    registrar::Registrar,
};

/// What scans of the host's configuration have come to.
#[derive(Debug)]
pub(super) struct Configuration {
    passed: Gauges,
    failed: Gauges,
    not_applicable: Gauges,
    scans: Counters,
    ended: Gauge,
    took: Gauge,
}

impl Configuration {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        let labels = ["policy"];
        Ok(Self {
            passed: registrar.gauges(
                "wazuh_sca_checks_passed",
                "Checks of a policy that passed.",
                &labels,
            )?,
            failed: registrar.gauges(
                "wazuh_sca_checks_failed",
                "Checks of a policy that failed.",
                &labels,
            )?,
            not_applicable: registrar.gauges(
                "rampart_sca_checks_not_applicable",
                "Checks of a policy that cannot be told, or have no meaning on this node.",
                &labels,
            )?,
            scans: registrar.counters(
                "rampart_sca_scans_total",
                "Scans of the configuration, by whether they came to their end: done or failed.",
                &["result"],
            )?,
            ended: registrar.real("rampart_sca_scan_timestamp_seconds", "When the last scan ended.")?,
            took: registrar.real("rampart_sca_scan_duration_seconds", "How long the last scan took.")?,
        })
    }
}

impl Metrics {
    /// Sets what the checks of a policy came to.
    pub fn sca(&self, policy: &str, passed: u64, failed: u64, not_applicable: u64) {
        let family = &self.families.configuration;
        family.passed.set(&[policy], passed);
        family.failed.set(&[policy], failed);
        family.not_applicable.set(&[policy], not_applicable);
    }

    /// Counts a scan that came to its end: when, and how long it took.
    pub fn sca_scan(&self, ended: Timestamp, took: Duration) {
        let family = &self.families.configuration;
        family.scans.add(&["done"], 1);
        family.ended.set(ended.since(Timestamp::EPOCH).as_secs_f64());
        family.took.set(took.as_secs_f64());
    }

    /// Counts a scan that did not.
    pub fn sca_failed_scan(&self) {
        self.families.configuration.scans.add(&["failed"], 1);
    }
}
