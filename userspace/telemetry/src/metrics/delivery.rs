use rampart_model::Timestamp;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges, Histograms},
    registrar::Registrar,
};

/// From a few milliseconds to the hours of an outage.
const BUCKETS: [f64; 16] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 21_600.0];

/// What becomes of findings on their way to sinks.
#[derive(Debug)]
pub(super) struct Delivery {
    dropped: Counters,
    delivered: Counters,
    retries: Counters,
    refused: Counters,
    latency: Histograms,
    depth: Gauges,
}

impl Delivery {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            dropped: registrar.counters(
                "rampart_findings_dropped_total",
                "Findings dropped because a sink's channel was full.",
                &["sink"],
            )?,
            delivered: registrar.counters(
                "rampart_findings_delivered_total",
                "Findings taken by a sink.",
                &["sink"],
            )?,
            retries: registrar.counters(
                "rampart_sink_retries_total",
                "Attempts at a sink that were repeated.",
                &["sink"],
            )?,
            refused: registrar.counters(
                "rampart_findings_refused_total",
                "Findings that a sink refused for what they are, and that are lost to it.",
                &["sink"],
            )?,
            latency: registrar.histograms(
                "rampart_delivery_latency_seconds",
                "From what happened on the node to its delivery to a sink.",
                &["sink"],
                &BUCKETS,
            )?,
            depth: registrar.gauges(
                "rampart_queue_depth",
                "What waits in a queue between two parts of the agent.",
                &["queue"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets how many findings a sink's channel has dropped.
    pub fn findings_dropped(&self, sink: &str, total: u64) {
        self.families.delivery.dropped.raise(&[sink], total);
    }

    /// Sets what a sink has taken, and how often it had to be asked again.
    pub fn sink(&self, sink: &str, delivered: u64, retries: u64) {
        self.families.delivery.delivered.raise(&[sink], delivered);
        self.families.delivery.retries.raise(&[sink], retries);
    }

    /// Sets how many findings a sink has refused for what they are.
    pub fn findings_refused(&self, sink: &str, total: u64) {
        self.families.delivery.refused.raise(&[sink], total);
    }

    /// Counts a finding that has just been delivered, `now`, of what happened at `time`: both by the wall clock. One whose time is
    /// the epoch has been told before, and is late on purpose.
    pub fn delivered(&self, sink: &str, time: Timestamp, now: Timestamp) {
        if time != Timestamp::EPOCH {
            self.families.delivery.latency.observe(&[sink], now.since(time));
        }
    }

    /// Sets how much waits in a queue.
    pub fn queue_depth(&self, queue: &str, depth: usize) {
        self.families.delivery.depth.set(&[queue], depth.try_into().unwrap_or(u64::MAX));
    }
}
