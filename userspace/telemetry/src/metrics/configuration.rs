use std::time::Duration;

use prometheus::{Gauge, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};
use rampart_model::Timestamp;

use super::{MetricsError, counter, register};

/// What scans of the host's configuration have come to.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    passed: IntGaugeVec,
    failed: IntGaugeVec,
    not_applicable: IntGaugeVec,
    scans: IntCounterVec,
    ended: IntGauge,
    took: Gauge,
}

impl Configuration {
    pub(super) fn new(registry: &Registry) -> Result<Self, MetricsError> {
        let ended = IntGauge::new("rampart_sca_scan_timestamp_seconds", "When the last scan ended.")?;
        let took = Gauge::new("rampart_sca_scan_duration_seconds", "How long the last scan took.")?;
        register(registry, &ended)?;
        register(registry, &took)?;
        Ok(Self {
            passed: gauges(registry, "wazuh_sca_checks_passed", "Checks of a policy that passed.")?,
            failed: gauges(registry, "wazuh_sca_checks_failed", "Checks of a policy that failed.")?,
            not_applicable: gauges(
                registry,
                "rampart_sca_checks_not_applicable",
                "Checks of a policy that cannot be told, or have no meaning on this node.",
            )?,
            scans: counter(
                registry,
                "rampart_sca_scans_total",
                "Scans of the configuration, by whether they came to their end: done or failed.",
                &["result"],
            )?,
            ended,
            took,
        })
    }

    pub(super) fn policy(&self, id: &str, passed: u64, failed: u64, not_applicable: u64) {
        for (gauge, count) in
            [(&self.passed, passed), (&self.failed, failed), (&self.not_applicable, not_applicable)]
        {
            gauge.with_label_values(&[id]).set(count.try_into().unwrap_or(i64::MAX));
        }
    }

    pub(super) fn done(&self, ended: Timestamp, took: Duration) {
        self.scans.with_label_values(&["done"]).inc();
        self.ended.set(i64::try_from(ended.as_nanos() / 1_000_000_000).unwrap_or(i64::MAX));
        self.took.set(took.as_secs_f64());
    }

    pub(super) fn failed(&self) {
        self.scans.with_label_values(&["failed"]).inc();
    }
}

fn gauges(registry: &Registry, name: &str, help: &str) -> Result<IntGaugeVec, MetricsError> {
    let metric = IntGaugeVec::new(Opts::new(name, help), &["policy"])?;
    register(registry, &metric)?;
    Ok(metric)
}
