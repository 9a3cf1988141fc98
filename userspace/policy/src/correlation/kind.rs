use rampart_model::{Field, FieldType};

use super::{
    CorrelationKind, Measure, TemporalCondition,
    bounds::{self, Counted},
    draft::{field, items},
};
use crate::{
    Bound, Comparison, Condition, ConditionErrorKind, Fault, limit,
    reader::{Map, Reader},
    reference::Reference,
    yaml::{Content, Node},
};

/// The names of the types, in the order of the specification; the last is pySigma's.
const TYPES: &str = "event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile \
                     or value_median";

const COUNT_KEYS: &[&str] = &["gt", "gte", "lt", "lte", "eq", "neq"];
const FIELD_KEYS: &[&str] = &["gt", "gte", "lt", "lte", "eq", "neq", "field"];
const PERCENTILE_KEYS: &[&str] = &["gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"];

/// Reads `type` and `condition`.
pub(super) fn read(
    reader: &mut Reader,
    correlation: Map<'_>,
    references: &[Reference],
) -> Option<CorrelationKind> {
    let (node, name) = correlation.require_text(reader, "`correlation`", "type")?;
    match name {
        "event_count" => {
            let (_, bounds) = measured(reader, correlation, COUNT_KEYS, Counted::Events)?;
            Some(CorrelationKind::EventCount(bounds))
        }
        "value_count" => {
            let (map, bounds) = measured(reader, correlation, FIELD_KEYS, Counted::Events)?;
            let fields = fields(reader, map)?;
            Some(CorrelationKind::ValueCount { fields, bounds })
        }
        "temporal" => temporal(reader, correlation, references).map(CorrelationKind::Temporal),
        "temporal_ordered" => temporal(reader, correlation, references).map(CorrelationKind::TemporalOrdered),
        "value_sum" => value(reader, correlation, FIELD_KEYS, Measure::Sum),
        "value_avg" => value(reader, correlation, FIELD_KEYS, Measure::Average),
        "value_median" => value(reader, correlation, FIELD_KEYS, Measure::Percentile(50.0)),
        // The specification's example does not say which: rsigma takes it for the median.
        "value_percentile" => value(reader, correlation, PERCENTILE_KEYS, Measure::Percentile(50.0)),
        _ => {
            reader.expected(node, "`type`", TYPES);
            None
        }
    }
}

/// The condition where it is a map of bounds.
fn measured<'n>(
    reader: &mut Reader,
    correlation: Map<'n>,
    keys: &'static [&'static str],
    counted: Counted,
) -> Option<(Map<'n>, Vec<Bound>)> {
    let node = correlation.require(reader, "`correlation`", "condition")?;
    let map = reader.map(node, "`condition`")?;
    map.only(reader, "`condition`", keys);
    Some((map, bounds::read(reader, map, counted)?))
}

fn fields(reader: &mut Reader, condition: Map<'_>) -> Option<Vec<Field>> {
    let node = condition.require(reader, "`condition`", "field")?;
    let nodes = items(node);
    if nodes.is_empty() || nodes.len() > limit::KEYS {
        reader.expected(node, "`field`", "a field, or a short list of fields");
        return None;
    }
    let fields: Vec<_> = nodes.iter().map(|node| field(reader, node, "`field`")).collect();
    fields.into_iter().collect()
}

fn value(
    reader: &mut Reader,
    correlation: Map<'_>,
    keys: &'static [&'static str],
    measure: Measure,
) -> Option<CorrelationKind> {
    let (condition, bounds) = measured(reader, correlation, keys, Counted::Values)?;
    let node = condition.require(reader, "`condition`", "field")?;
    let field = field(reader, node, "`field`")?;
    if field.field_type() != FieldType::Number {
        reader.note(node.place, Fault::NotANumber(field));
        return None;
    }
    let measure = match condition.get("percentile").filter(|_| keys == PERCENTILE_KEYS) {
        Some(node) => Measure::Percentile(percentile(reader, node)?),
        None => measure,
    };
    Some(CorrelationKind::Value { measure, field, bounds })
}

fn percentile(reader: &mut Reader, node: &Node) -> Option<f64> {
    let number = bounds::number(node).filter(|number| (0.0..=100.0).contains(number));
    if number.is_none() {
        reader.expected(node, "`percentile`", "a number from 0 to 100");
    }
    number
}

fn temporal(
    reader: &mut Reader,
    correlation: Map<'_>,
    references: &[Reference],
) -> Option<TemporalCondition> {
    let Some(node) = correlation.get("condition") else {
        let all = bounds::whole(references.len());
        let bound = Bound { comparison: Comparison::GreaterOrEqual, than: all, negated: false };
        return Some(TemporalCondition::Count(vec![bound]));
    };
    match &node.content {
        Content::Scalar(_) => by_rules(reader, node, references).map(TemporalCondition::Rules),
        Content::Map(_) => {
            let counted = Counted::Rules(references.len());
            let (_, bounds) = measured(reader, correlation, COUNT_KEYS, counted)?;
            Some(TemporalCondition::Count(bounds))
        }
        Content::List(_) => {
            reader.expected(node, "`condition`", "bounds, such as `gte: 2`, or a text over the rules' names");
            None
        }
    }
}

fn by_rules(reader: &mut Reader, node: &Node, references: &[Reference]) -> Option<Condition> {
    let scalar = node.as_scalar()?;
    let names: Vec<_> = references.iter().map(|reference| &*reference.key).collect();
    let condition = match Condition::parse(&scalar.text, &names) {
        Ok(condition) => condition,
        Err(error) => {
            let place = scalar.place_of(error.at).unwrap_or(node.place);
            match error.kind {
                ConditionErrorKind::UnknownSelection(name) => reader.note(place, Fault::ForeignRule(name)),
                _ => reader.note(place, error),
            }
            return None;
        }
    };
    for (number, reference) in references.iter().enumerate() {
        if !condition.mentions(number) {
            reader.note(reference.place, Fault::UnusedRule(crate::reader::short(&reference.key)));
        }
    }
    Some(condition)
}
