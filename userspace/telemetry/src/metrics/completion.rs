use prometheus::{IntCounter, IntGauge};

use super::{
    Metrics, MetricsError,
    bound::{Counters, raise},
    registrar::Registrar,
};

/// Findings about pods that the API server had not told of.
#[derive(Debug)]
pub(super) struct Completion {
    waiting: IntGauge,
    unwaited: IntCounter,
    results: Counters,
}

impl Completion {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            waiting: registrar.gauge(
                "rampart_findings_waiting",
                "Findings that wait for what the API server knows of their pods.",
            )?,
            unwaited: registrar.counter(
                "rampart_findings_unwaited_total",
                "Findings told incomplete at once, because a thousand waited already.",
            )?,
            results: registrar.counters(
                "rampart_findings_completed_total",
                "What became of findings about pods that were not known at first: in_time (completed, then told), incomplete (told as they were), and of these later (completed and told once more) or forgotten (not told again).",
                &["result"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets how many findings wait for their pods.
    pub fn findings_waiting(&self, count: usize) {
        self.families.completion.waiting.set(count.try_into().unwrap_or(i64::MAX));
    }

    /// Sets how many could not wait.
    pub fn findings_unwaited(&self, total: u64) {
        raise(&self.families.completion.unwaited, total);
    }

    /// Sets what became of them: `in_time`, `incomplete`, `later` or `forgotten`.
    pub fn findings_completed(&self, result: &'static str, total: u64) {
        self.families.completion.results.raise(&[result], total);
    }
}
