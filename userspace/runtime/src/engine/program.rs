use rampart_model::{Field, Timestamp, Value};
use rampart_policy::{
    Anchor, Case, Comparison, Condition, Detection, FieldTest, Network, Predicate, Quantifier, Subject,
    TimePart,
};

use super::view::View;
use crate::{Fields, TextMatcher, text};

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
    subject: Subject,
    negated: bool,
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
    SameAs(Field, Anchor, Case),
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
        Self { subject: test.subject, negated: test.negated, quantifier: test.quantifier, checks }
    }

    fn holds(&self, view: &View<'_, impl Fields>) -> bool {
        let holds = match self.quantifier {
            Quantifier::Any => self.checks.iter().any(|check| check.holds(self.subject, view)),
            Quantifier::All => self.checks.iter().all(|check| check.holds(self.subject, view)),
        };
        holds != self.negated
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
            Predicate::SameAs { field, anchor, case } => Self::SameAs(*field, *anchor, *case),
        }
    }

    fn holds(&self, subject: Subject, view: &View<'_, impl Fields>) -> bool {
        match subject {
            Subject::Field(field) => self.holds_of(field, view),
            Subject::Anything => Field::ALL.iter().any(|field| self.holds_of(*field, view)),
            Subject::Time(part) => match self {
                Self::Number(comparison, than) => {
                    compare(part_of(view.event().time(), part), *comparison, *than)
                }
                Self::Present => true,
                _ => false,
            },
        }
    }

    fn holds_of(&self, field: Field, view: &View<'_, impl Fields>) -> bool {
        let value = || view.value(field);
        match self {
            Self::Absent => value().is_none(),
            Self::Present => value().is_some(),
            Self::Text(matcher) => view.any_text(field, |text| matcher.matches(text)),
            Self::Regex(regex) => view.any_text(field, |text| regex.is_match(text)),
            Self::Number(comparison, than) => {
                matches!(value(), Some(Value::Number(number)) if compare(number, *comparison, *than))
            }
            Self::Bool(expected) => value() == Some(Value::Bool(*expected)),
            Self::Ip(expected) => value() == Some(Value::Ip(*expected)),
            Self::Network(network) => matches!(value(), Some(Value::Ip(ip)) if network.contains(ip)),
            Self::SameAs(other, anchor, case) => view.any_text(field, |text| {
                view.any_text(*other, |other| text::has(text, other, *anchor, *case))
            }),
        }
    }
}

fn part_of(time: Timestamp, part: TimePart) -> i64 {
    match part {
        TimePart::Minute => time.minute().into(),
        TimePart::Hour => time.hour().into(),
        TimePart::Day => time.day().into(),
        TimePart::Week => time.week().into(),
        TimePart::Month => time.month().into(),
        TimePart::Year => time.year().into(),
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
