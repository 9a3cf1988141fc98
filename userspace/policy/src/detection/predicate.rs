use std::net::IpAddr;

use rampart_model::{Field, FieldType};

pub use self::network::Network;
use super::{Modifier, wildcard::Pattern};
use crate::{
    reader::Reader,
    yaml::{Content, Entry, Node},
};

mod modifiers;
mod network;
mod value;

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
    pub(super) fn read(reader: &mut Reader, entry: &Entry) -> Option<Self> {
        let mut words = entry.key.split('|');
        let name = words.next().unwrap_or_default();
        let field = Field::from_name(name).map_err(|unknown| reader.note(entry.place, unknown)).ok();
        let modifiers = modifiers::read(reader, entry.place, words);
        let (field, modifiers) = (field?, modifiers?);
        let comparison = modifiers.comparison(reader, entry.place, field)?;
        let quantifier = modifiers.quantifier(reader, entry, field)?;
        let read = |node: &Node| value::read(reader, field, comparison, node);
        let predicates: Vec<_> = match &entry.value.content {
            Content::List(items) if !items.is_empty() => items.iter().map(read).collect(),
            _ => std::iter::once(&entry.value).map(read).collect(),
        };
        let predicates = predicates.into_iter().collect::<Option<_>>()?;
        Some(Self { subject: Subject::Field(field), negated: false, quantifier, predicates })
    }
}

/// What of a type's values may be asked, in words for messages.
const fn type_name(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Text => "it is text",
        FieldType::Number => "it is a number",
        FieldType::Bool => "it is true or false",
        FieldType::Ip => "it is an address",
    }
}

/// The way a field is compared, as its modifiers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// No modifier but `cased`: by the field's type.
    Plain(Case),
    /// A pattern, opened at its ends.
    Text {
        open_start: bool,
        open_end: bool,
        case: Case,
    },
    Regex(RegexFlags),
    Exists,
    Network,
    Number(Comparison),
}

/// What the modifiers after `re` switch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RegexFlags {
    ignore_case: bool,
    multi_line: bool,
    dot_all: bool,
}
