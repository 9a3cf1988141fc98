use rampart_model::Field;

use super::{Modifier, Subject, TimePart};

/// The pseudo-field that time modifiers take their number from.
pub(super) const TIMESTAMP: &str = "@timestamp";

impl Subject {
    /// Its name, as messages give it.
    pub(crate) fn quoted(self) -> String {
        match self {
            Self::Field(field) => format!("`{field}`"),
            Self::Anything => "a keyword".to_owned(),
            Self::Time(_) => format!("`{TIMESTAMP}`"),
        }
    }

    /// What it is, for one who asked it wrongly.
    pub(crate) fn help(self) -> String {
        match self {
            Self::Field(field) => format!("`{field}` is: {}", field.description()),
            Self::Anything => "keywords are looked for in the text of every field".to_owned(),
            Self::Time(_) => {
                format!("of the time, numbers can be compared, as in `{TIMESTAMP}|hour|gte: 22`")
            }
        }
    }
}

impl TimePart {
    /// The part that a modifier asks for.
    pub(super) const fn of(modifier: Modifier) -> Option<Self> {
        Some(match modifier {
            Modifier::Minute => Self::Minute,
            Modifier::Hour => Self::Hour,
            Modifier::Day => Self::Day,
            Modifier::Week => Self::Week,
            Modifier::Month => Self::Month,
            Modifier::Year => Self::Year,
            _ => return None,
        })
    }

    /// The numbers it can be, and the same in words: what never holds or always is a mistake.
    pub(super) const fn range(self) -> (std::ops::RangeInclusive<i64>, &'static str) {
        match self {
            Self::Minute => (0..=59, "a whole number from 0 to 59"),
            Self::Hour => (0..=23, "a whole number from 0 to 23"),
            Self::Day => (1..=31, "a whole number from 1 to 31"),
            Self::Week => (1..=53, "a whole number from 1 to 53"),
            Self::Month => (1..=12, "a whole number from 1 to 12"),
            Self::Year => (1970..=9999, "a whole number from 1970 to 9999"),
        }
    }
}

/// Whether the values of two fields can be the same: by their text, where one is text.
pub(super) fn comparable(one: Field, other: Field) -> bool {
    use rampart_model::FieldType::Text;
    let (one, other) = (one.field_type(), other.field_type());
    one == other || one == Text || other == Text
}
