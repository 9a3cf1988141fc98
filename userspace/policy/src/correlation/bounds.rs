use super::Bound;
use crate::{
    Comparison, Fault, limit,
    reader::{Map, Reader},
    yaml::{Node, ScalarKind},
};

/// What a condition's bounds are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// How many there are: a whole number, at least one.
    Events,
    /// How many of so many rules.
    Rules(usize),
    /// Any number.
    Values,
}

/// The bounds of a condition, one or more, that some number keeps to.
pub(super) fn read(reader: &mut Reader, condition: Map<'_>, counted: Counted) -> Option<Vec<Bound>> {
    let mut bounds = Vec::new();
    for entry in condition.entries {
        let (comparison, negated) = match entry.key.as_str() {
            "gt" => (Comparison::Greater, false),
            "gte" => (Comparison::GreaterOrEqual, false),
            "lt" => (Comparison::Less, false),
            "lte" => (Comparison::LessOrEqual, false),
            "eq" => (Comparison::Equal, false),
            "neq" => (Comparison::Equal, true),
            _ => continue,
        };
        let than = number(&entry.value).filter(|number| counted == Counted::Values || is_count(*number));
        if than.is_none() {
            let expected =
                if counted == Counted::Values { "a number" } else { "a whole number, zero or more" };
            reader.expected(&entry.value, &format!("`{}`", entry.key), expected);
        }
        if counted == Counted::Events && than.is_some_and(|than| than > whole(limit::CORRELATION_MATCHES)) {
            let bound = limit::CORRELATION_MATCHES as u64;
            reader.note(
                entry.value.place,
                Fault::TooMuch { what: "the number of matches counted together", bound },
            );
        }
        bounds.push(than.map(|than| Bound { comparison, than, negated }));
    }
    if bounds.is_empty() {
        reader.note(condition.place, Fault::MissingKey { what: "`condition`", key: "gte" });
        return None;
    }
    let bounds: Vec<Bound> = bounds.into_iter().collect::<Option<_>>()?;
    if !can_hold(&bounds, counted) {
        reader.note(condition.place, Fault::NeverHolds);
        return None;
    }
    Some(bounds)
}

/// A number as it is written, whole or not.
pub(super) fn number(node: &Node) -> Option<f64> {
    let scalar = node.as_scalar()?;
    match scalar.kind {
        ScalarKind::Integer(_) | ScalarKind::Float => {
            scalar.text.parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => None,
    }
}

/// How many there are of something, as the bounds have it.
#[expect(clippy::cast_precision_loss, reason = "nothing is counted beyond what is exact")]
pub(super) const fn whole(count: usize) -> f64 {
    count as f64
}

fn is_count(number: f64) -> bool {
    number >= 0.0 && number.fract() == 0.0
}

/// Where bounds hold at all, they hold at one of them, beside one, between two, or where there are none yet.
fn can_hold(bounds: &[Bound], counted: Counted) -> bool {
    let holds = |number: f64| bounds.iter().all(|bound| bound.holds(number));
    if let Counted::Rules(rules) = counted {
        return (1..=rules).any(|count| holds(whole(count)));
    }
    let beside = bounds.iter().flat_map(|bound| [bound.than - 1.0, bound.than, bound.than + 1.0]);
    match counted {
        Counted::Values => {
            let between =
                bounds.iter().flat_map(|a| bounds.iter().map(move |b| f64::midpoint(a.than, b.than)));
            beside.chain(between).any(holds)
        }
        Counted::Events | Counted::Rules(_) => beside.chain([1.0]).filter(|count| *count >= 1.0).any(holds),
    }
}
