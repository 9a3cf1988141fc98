use rampart_policy::{
    Bound, Condition, Correlation, CorrelationKind, Measure as Aggregate, TemporalCondition,
};

use super::window::Window;

/// When a correlation fires.
#[derive(Debug)]
pub(super) struct Measure {
    kind: CorrelationKind,
    /// How many rules it looks at.
    rules: usize,
}

impl Measure {
    pub(super) fn new(correlation: &Correlation) -> Self {
        Self { kind: correlation.kind.clone(), rules: correlation.rules.len() }
    }

    /// What was measured, in words, where it is as the correlation asks for.
    pub(super) fn of(&self, window: &Window) -> Option<String> {
        match &self.kind {
            CorrelationKind::EventCount(bounds) => {
                let count = window.len();
                within(bounds, number(count)).then(|| format!("{count} matches"))
            }
            CorrelationKind::ValueCount { fields, bounds } => {
                let (count, names) = (window.distinct(), names(fields));
                within(bounds, number(count)).then(|| format!("{count} different values of {names}"))
            }
            CorrelationKind::Value { measure, field, bounds } => {
                let value = aggregate(*measure, window)?;
                within(bounds, value).then(|| format!("{} of {field} is {}", name(*measure), shown(value)))
            }
            CorrelationKind::Temporal(condition) => self.together(condition, window),
            CorrelationKind::TemporalOrdered(condition) => {
                let needed = self.needed(condition);
                self.together(condition, window).filter(|_| in_order(&needed, window))
            }
        }
    }

    fn together(&self, condition: &TemporalCondition, window: &Window) -> Option<String> {
        let matched = window.distinct();
        let holds = match condition {
            TemporalCondition::Count(bounds) => within(bounds, number(matched)),
            TemporalCondition::Rules(condition) => has_matched(condition, window),
        };
        holds.then(|| format!("{matched} of {} rules matched", self.rules))
    }

    /// The rules whose order matters.
    fn needed(&self, condition: &TemporalCondition) -> Vec<u64> {
        let all = 0..self.rules;
        match condition {
            TemporalCondition::Count(_) => all.map(|rule| rule as u64).collect(),
            TemporalCondition::Rules(condition) => {
                all.filter(|rule| is_wanted(condition, *rule)).map(|rule| rule as u64).collect()
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 matches")]
fn aggregate(measure: Aggregate, window: &Window) -> Option<f64> {
    let mean = || window.sum() as f64 / window.len() as f64;
    match measure {
        Aggregate::Sum => Some(window.sum() as f64),
        Aggregate::Average => (window.len() > 0).then(mean),
        Aggregate::Percentile(percent) => percentile(percent, window),
    }
}

/// Between the two values nearest to the rank, as far as the rank lies between them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks are small and not negative"
)]
fn percentile(percent: f64, window: &Window) -> Option<f64> {
    let mut values: Vec<i64> = window.entries().map(|entry| entry.what.cast_signed()).collect();
    values.sort_unstable();
    let rank = percent.clamp(0.0, 100.0) / 100.0 * (values.len().checked_sub(1)? as f64);
    let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
    let (below, above) = (*values.get(below)? as f64, *values.get(above)? as f64);
    Some(below + (above - below) * rank.fract())
}

/// With three decimals at the most.
fn shown(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

const fn name(measure: Aggregate) -> &'static str {
    match measure {
        Aggregate::Sum => "the sum",
        Aggregate::Average => "the average",
        Aggregate::Percentile(_) => "the percentile",
    }
}

fn names(fields: &[rampart_model::Field]) -> String {
    fields.iter().map(|field| field.name()).collect::<Vec<_>>().join(" and ")
}

#[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 matches")]
const fn number(count: usize) -> f64 {
    count as f64
}

fn within(bounds: &[Bound], number: f64) -> bool {
    bounds.iter().all(|bound| bound.holds(number))
}

/// As deep as the condition, which the parser bounds.
fn has_matched(condition: &Condition, window: &Window) -> bool {
    match condition {
        Condition::Selection(rule) => window.has(*rule as u64),
        Condition::All(parts) => parts.iter().all(|part| has_matched(part, window)),
        Condition::Any(parts) => parts.iter().any(|part| has_matched(part, window)),
        Condition::Not(part) => !has_matched(part, window),
    }
}

/// Whether a condition mentions a rule other than under `not`.
fn is_wanted(condition: &Condition, rule: usize) -> bool {
    match condition {
        Condition::Selection(number) => *number == rule,
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| is_wanted(part, rule)),
        Condition::Not(_) => false,
    }
}

/// Whether the rules have matched one after the other, whatever came between.
fn in_order(rules: &[u64], window: &Window) -> bool {
    let mut next = rules.iter();
    let mut wanted = next.next();
    for entry in window.entries() {
        if wanted == Some(&entry.what) {
            wanted = next.next();
        }
    }
    wanted.is_none()
}
