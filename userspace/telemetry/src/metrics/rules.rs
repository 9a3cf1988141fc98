use prometheus::IntGauge;

use super::{Metrics, MetricsError, bound::Counters, registrar::Registrar};

/// What rules come to.
#[derive(Debug)]
pub(super) struct Rules {
    in_force: IntGauge,
    matches: Counters,
    exceptions: Counters,
    forgotten: Counters,
}

impl Rules {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            in_force: registrar.gauge("rampart_rules", "Rules in force.")?,
            matches: registrar.counters(
                "rampart_rule_matches_total",
                "Matches of a rule that were told, one by one or with a count; of a thousand rules, and of the rest under `other`.",
                &["rule"],
            )?,
            exceptions: registrar.counters(
                "rampart_exception_matches_total",
                "Matches that an exception kept from being findings. One that stays at zero is not needed.",
                &["exception"],
            )?,
            forgotten: registrar.counters(
                "rampart_correlation_forgotten_total",
                "What correlations have forgotten for want of room: a group with all its matches, or a single match.",
                &["what"],
            )?,
        })
    }
}

impl Metrics {
    /// Sets the number of rules in force.
    pub fn rules(&self, count: usize) {
        self.families.rules.in_force.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Counts matches of a rule. [`finding`](Self::finding) does so for those that are told.
    pub(crate) fn rule_matches(&self, rule: &str, count: u64) {
        self.families.rules.matches.add(&[rule], count);
    }

    /// Sets how many matches an exception has kept from being findings.
    pub fn exception(&self, id: &str, total: u64) {
        self.families.rules.exceptions.raise(&[id], total);
    }

    /// Sets what correlations have forgotten: groups, or single matches.
    pub fn correlations_forgotten(&self, what: &str, total: u64) {
        self.families.rules.forgotten.raise(&[what], total);
    }
}
