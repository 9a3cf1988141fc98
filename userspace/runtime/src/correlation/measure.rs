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
            CorrelationKind::Temporal(condition) => self.matched(condition, window, window.distinct()),
            CorrelationKind::TemporalOrdered(condition) => {
                self.matched(condition, window, in_order(self.rules, window))
            }
        }
    }

    /// Of rules that have matched, so many as count.
    fn matched(&self, condition: &TemporalCondition, window: &Window, matched: usize) -> Option<String> {
        let holds = match condition {
            TemporalCondition::Count(bounds) => within(bounds, number(matched)),
            // Whatever of them has matched must have done so in order.
            TemporalCondition::Rules(condition) => {
                matched == window.distinct() && has_matched(condition, window)
            }
        };
        holds.then(|| format!("{matched} of {} rules matched", self.rules))
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

/// How many of the rules have matched one after the other in the order of their numbers, whatever came between: of all such
/// rows the longest.
fn in_order(rules: usize, window: &Window) -> usize {
    // The longest row that ends with each rule.
    let mut rows = vec![0_usize; rules];
    for entry in window.entries() {
        let rule = usize::try_from(entry.what).unwrap_or(usize::MAX);
        let before = rows.iter().take(rule).max().copied().unwrap_or(0);
        if let Some(row) = rows.get_mut(rule) {
            *row = (*row).max(before + 1);
        }
    }
    rows.into_iter().max().unwrap_or(0)
}
