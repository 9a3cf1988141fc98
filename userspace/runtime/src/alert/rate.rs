use std::{sync::Arc, time::Duration};

use rampart_model::{Health, Phase, RuleRef, Timestamp};
use rustc_hash::FxHashMap;

use super::is_over;

/// So many in such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    count: u32,
    period: Duration,
}

impl RateLimit {
    /// None if either is zero: that would let nothing through.
    #[must_use]
    pub const fn new(count: u32, period: Duration) -> Option<Self> {
        if count == 0 || period.is_zero() { None } else { Some(Self { count, period }) }
    }
}

/// Lets so many findings of each rule through in a period, which begins with the first of them; tells when it begins
/// to leave some out, and how many they were.
///
/// Bounded by the number of rules.
#[derive(Debug)]
pub(crate) struct Rates {
    limit: Option<RateLimit>,
    rules: FxHashMap<Arc<str>, Period>,
    limited: u64,
}

#[derive(Debug)]
struct Period {
    began: Timestamp,
    count: u32,
    left_out: Option<LeftOut>,
}

#[derive(Debug)]
struct LeftOut {
    rule: Arc<RuleRef>,
    count: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Rates {
    pub(crate) fn new(limit: Option<RateLimit>) -> Self {
        Self { limit, rules: FxHashMap::default(), limited: 0 }
    }

    /// Whether a finding of a rule is let through.
    pub(crate) fn allow(&mut self, rule: &Arc<RuleRef>, now: Timestamp, health: &mut Vec<Health>) -> bool {
        let Some(limit) = self.limit else { return true };
        let fresh = || Period { began: now, count: 0, left_out: None };
        let period = self.rules.entry(Arc::clone(&rule.id)).or_insert_with(fresh);
        if is_over(period.began, limit.period, now) {
            health.extend(std::mem::replace(period, fresh()).ended());
        }
        if period.count < limit.count {
            period.count += 1;
            return true;
        }
        self.limited += 1;
        match &mut period.left_out {
            Some(left_out) => {
                left_out.count += 1;
                left_out.last = now;
            }
            none => {
                *none = Some(LeftOut { rule: Arc::clone(rule), count: 1, first: now, last: now });
                health.push(Health::FindingsLimited {
                    rule: Arc::clone(rule),
                    phase: Phase::Began { count: 1 },
                });
            }
        }
        false
    }

    /// Ends the periods that are over.
    pub(crate) fn expire(&mut self, now: Timestamp, health: &mut Vec<Health>) {
        let Some(limit) = self.limit else { return };
        let over = self.rules.extract_if(|_, period| is_over(period.began, limit.period, now));
        health.extend(over.filter_map(|(_, period)| period.ended()));
    }

    /// Ends all periods.
    pub(crate) fn finish(&mut self) -> Vec<Health> {
        self.rules.drain().filter_map(|(_, period)| period.ended()).collect()
    }

    /// How many were left out.
    pub(crate) const fn limited(&self) -> u64 {
        self.limited
    }
}

impl Period {
    fn ended(self) -> Option<Health> {
        let LeftOut { rule, count, first, last } = self.left_out?;
        Some(Health::FindingsLimited {
            rule,
            phase: Phase::Ended { count, seconds: last.since(first).as_secs() },
        })
    }
}
