use prometheus::Histogram;
use rampart_model::{Finding, Severity, Subject, Timestamp};

use super::{Metrics, MetricsError, bound::Counters, registrar::Registrar};

/// From less than the pipeline takes when it is idle to what it takes when something holds it up.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// What the agent has to say.
#[derive(Debug)]
pub(super) struct Findings {
    made: Counters,
    alerts: Counters,
    folded: Counters,
    latency: Histogram,
}

impl Findings {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        let findings = Self {
            made: registrar.counters("rampart_findings_total", "Findings made.", &["severity"])?,
            alerts: registrar.counters(
                "wazuh_alerts_total",
                "Alerts: findings of a rule that has matched what happened.",
                &["severity"],
            )?,
            folded: registrar.counters(
                "rampart_findings_folded_total",
                "Matches that were not told one by one: repeated (the same as one told before, told with a count) or limited (their rule had made too many).",
                &["reason"],
            )?,
            latency: registrar.histogram(
                "rampart_finding_latency_seconds",
                "From what happened in the kernel to the finding.",
                &BUCKETS,
            )?,
        };
        // A rate needs something to start from: the first alert of its severity must not go unnoticed.
        for severity in Severity::ALL {
            findings.made.add(&[severity.name()], 0);
            findings.alerts.add(&[severity.name()], 0);
        }
        Ok(findings)
    }
}

impl Metrics {
    /// Counts a finding, made `now` by the wall clock: as an alert of its rule too, where it is one.
    pub fn finding(&self, finding: &Finding, now: Timestamp) {
        let family = &self.families.findings;
        let severity = finding.severity().name();
        family.made.add(&[severity], 1);
        if let Subject::Runtime { rule, context, .. } = &finding.subject {
            family.alerts.add(&[severity], 1);
            self.rule_matches(&rule.id, context.repeated.map_or(1, |repeated| repeated.count));
            // What is told with a count has waited on purpose.
            if context.repeated.is_none() {
                family.latency.observe(now.since(finding.time).as_secs_f64());
            }
        }
    }

    /// Sets how many matches went into the count of one told before.
    pub fn findings_folded(&self, total: u64) {
        self.families.findings.folded.raise(&["repeated"], total);
    }

    /// Sets how many findings were left out because their rule had made too many.
    pub fn findings_limited(&self, total: u64) {
        self.families.findings.folded.raise(&["limited"], total);
    }
}
