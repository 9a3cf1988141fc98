use rampart_model::{Field, Value};
use rampart_policy::{Comparison, Condition, Detection, FieldTest, Network, Predicate, Quantifier, Subject};

use super::view::View;
use crate::{Fields, TextMatcher};

/// A detection made ready for matching.
#[derive(Debug)]
pub(super) struct Program {
    condition: Condition,
    // As Condition::Selection numbers them.
    selections: Box<[Alternatives]>,
}

/// One of these must hold as a whole.
type Alternatives = Box<[Box<[Test]>]>;

#[derive(Debug)]
struct Test {
    field: Field,
    quantifier: Quantifier,
    checks: Box<[Check]>,
}

#[derive(Debug)]
enum Check {
    Absent,
    Present,
    Text(TextMatcher),
    Regex(regex::Regex),
    Number(Comparison, i64),
    Bool(bool),
    Ip(std::net::IpAddr),
    Network(Network),
}

impl Program {
    pub(super) fn compile(detection: &Detection) -> Self {
        let selections = detection.selections.iter().map(|selection| {
            let alternatives = selection.alternatives.iter();
            alternatives.map(|tests| tests.iter().map(Test::compile).collect()).collect()
        });
        Self { condition: detection.condition.clone(), selections: selections.collect() }
    }

    pub(super) fn matches(&self, view: &View<'_, impl Fields>) -> bool {
        self.holds(&self.condition, view)
    }

    /// As deep as the condition, which the parser bounds.
    fn holds(&self, condition: &Condition, view: &View<'_, impl Fields>) -> bool {
        match condition {
            Condition::Selection(number) => {
                let alternatives = self.selections.get(*number);
                alternatives.is_some_and(|any| any.iter().any(|all| all.iter().all(|test| test.holds(view))))
            }
            Condition::All(conditions) => conditions.iter().all(|condition| self.holds(condition, view)),
            Condition::Any(conditions) => conditions.iter().any(|condition| self.holds(condition, view)),
            Condition::Not(condition) => !self.holds(condition, view),
        }
    }
}

impl Test {
    fn compile(test: &FieldTest) -> Self {
        let checks = test.predicates.iter().map(Check::compile).collect();
        let Subject::Field(field) = test.subject else {
            return Self { field: Field::Image, quantifier: test.quantifier, checks };
        };
        Self { field, quantifier: test.quantifier, checks }
    }

    fn holds(&self, view: &View<'_, impl Fields>) -> bool {
        match self.quantifier {
            Quantifier::Any => self.checks.iter().any(|check| check.holds(self.field, view)),
            Quantifier::All => self.checks.iter().all(|check| check.holds(self.field, view)),
        }
    }
}

impl Check {
    fn compile(predicate: &Predicate) -> Self {
        match predicate {
            Predicate::Absent => Self::Absent,
            Predicate::Present => Self::Present,
            Predicate::Text { pattern, case } => Self::Text(TextMatcher::new(pattern, *case)),
            Predicate::Regex(regex) => Self::Regex(regex.clone()),
            Predicate::Number { comparison, than } => Self::Number(*comparison, *than),
            Predicate::Bool(value) => Self::Bool(*value),
            Predicate::Ip(ip) => Self::Ip(*ip),
            Predicate::Network(network) => Self::Network(*network),
            Predicate::SameAs { .. } => Self::Absent,
        }
    }

    fn holds(&self, field: Field, view: &View<'_, impl Fields>) -> bool {
        let value = || view.value(field);
        match self {
            Self::Absent => value().is_none(),
            Self::Present => value().is_some(),
            Self::Text(matcher) => view.text(field).is_some_and(|text| matcher.matches(text)),
            Self::Regex(regex) => view.text(field).is_some_and(|text| regex.is_match(text)),
            Self::Number(comparison, than) => {
                matches!(value(), Some(Value::Number(number)) if compare(*number, *comparison, *than))
            }
            Self::Bool(expected) => value() == Some(&Value::Bool(*expected)),
            Self::Ip(expected) => value() == Some(&Value::Ip(*expected)),
            Self::Network(network) => matches!(value(), Some(Value::Ip(ip)) if network.contains(*ip)),
        }
    }
}

const fn compare(number: i64, comparison: Comparison, than: i64) -> bool {
    match comparison {
        Comparison::Equal => number == than,
        Comparison::Greater => number > than,
        Comparison::GreaterOrEqual => number >= than,
        Comparison::Less => number < than,
        Comparison::LessOrEqual => number <= than,
    }
}
