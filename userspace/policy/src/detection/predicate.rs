//! What one entry of a selection asks, and how it is read.

use std::net::IpAddr;

use rampart_model::Field;

pub use self::network::Network;
use self::plan::Plan;
use super::{Modifier, wildcard::Pattern};
use crate::{
    Fault, limit,
    reader::Reader,
    yaml::{Content, Entry, Node},
};

mod draft;
mod encoding;
mod expand;
mod network;
mod plan;
mod role;
mod subject;
mod value;
mod windash;

/// A field and what it is compared with.
#[derive(Debug, Clone)]
pub struct FieldTest {
    /// What of the event is looked at.
    pub subject: Subject,
    /// The test holds where the predicates do not: `|neq`. So it holds where the event has no such field.
    pub negated: bool,
    /// How many of the predicates must hold.
    pub quantifier: Quantifier,
    /// What it is compared with. Never empty.
    pub predicates: Vec<Predicate>,
}

/// What of an event a test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One field.
    Field(Field),
    /// Every field that has a value: keywords. A predicate holds where it holds of any of them, by its text.
    Anything,
    /// A number out of the event's time, in UTC: `@timestamp|hour` and its like.
    Time(TimePart),
}

/// A number out of a moment in time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month, 1 to 31.
    Day,
    /// ISO 8601's week of the year, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// Such as 2026.
    Year,
}

/// How many of a list must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
}

/// Whether upper and lower case are different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They are the same: Sigma's default.
    Ignored,
    /// They are different: `|cased`.
    Kept,
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `|gt`
    Greater,
    /// `|gte`
    GreaterOrEqual,
    /// `|lt`
    Less,
    /// `|lte`
    LessOrEqual,
}

/// Where in a field's text another text may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// It is the whole.
    Whole,
    /// At the beginning.
    Start,
    /// At the end.
    End,
    /// Anywhere.
    Anywhere,
}

/// One thing that a field's value may be.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// The event does not have the field: `null`, or `|exists: false`.
    Absent,
    /// The event has the field: `|exists: true`.
    Present,
    /// Its text fits a pattern.
    Text {
        /// The pattern.
        pattern: Pattern,
        /// Upper and lower case.
        case: Case,
    },
    /// Its text has a match of a regular expression.
    Regex(regex::Regex),
    /// Its number compares so with this one.
    Number {
        /// How.
        comparison: Comparison,
        /// This one.
        than: i64,
    },
    /// It is true, or it is false.
    Bool(bool),
    /// It is this address.
    Ip(IpAddr),
    /// It is an address in this network.
    Network(Network),
    /// It has the value of another field in it: `|fieldref`. Does not hold where the event lacks either.
    SameAs {
        /// The other field.
        field: Field,
        /// Where its text may stand.
        anchor: Anchor,
        /// Upper and lower case.
        case: Case,
    },
}

impl FieldTest {
    /// One entry of a selection's map. Several tests, all of which must hold, where one cannot say it: `|all` of values
    /// that modifiers make several of.
    pub(super) fn read(reader: &mut Reader, entry: &Entry) -> Option<Vec<Self>> {
        let plan = Plan::read(reader, entry)?;
        let tests = match &entry.value.content {
            Content::List(items) if !items.is_empty() => Self::tests(reader, &plan, items),
            _ => Self::tests(reader, &plan, std::slice::from_ref(&entry.value)),
        }?;
        if plan.negated && tests.len() > 1 {
            let reason = "with `neq`, no value may stand for several; write `not` in the condition";
            let fault = Fault::MisplacedModifier { subject: plan.subject, modifier: Modifier::All, reason };
            reader.note(entry.place, fault);
            return None;
        }
        Some(tests)
    }

    /// Values without a field, of which any may stand anywhere in the event.
    pub(super) fn keywords<'n>(
        reader: &mut Reader,
        values: impl IntoIterator<Item = &'n Node>,
    ) -> Option<Vec<Self>> {
        Self::tests(reader, &Plan::KEYWORDS, values)
    }

    fn tests<'n>(
        reader: &mut Reader,
        plan: &Plan,
        values: impl IntoIterator<Item = &'n Node>,
    ) -> Option<Vec<Self>> {
        let mut count = 0;
        let mut read = Some(Vec::new());
        for node in values {
            // Every one is read before any is missed, so that all faults are told.
            let predicates = value::read(reader, plan, node);
            count += predicates.as_ref().map_or(1, Vec::len);
            if count > limit::VALUES {
                let bound = limit::VALUES as u64;
                reader.note(node.place, Fault::TooMuch { what: "the number of values of one test", bound });
                return None;
            }
            read = read.zip(predicates).map(|(mut all, predicates)| {
                all.push(predicates);
                all
            });
        }
        let read = read?;
        let test = |quantifier, predicates| Self {
            subject: plan.subject,
            negated: plan.negated,
            quantifier,
            predicates,
        };
        if plan.quantifier == Quantifier::All && read.iter().any(|predicates| predicates.len() > 1) {
            return Some(read.into_iter().map(|predicates| test(Quantifier::Any, predicates)).collect());
        }
        Some(vec![test(plan.quantifier, read.into_iter().flatten().collect())])
    }
}
