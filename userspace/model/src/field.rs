//! The closed set of what rules may ask of an event.

mod pick;
mod table;
mod texts;
mod value;

use std::fmt;

pub use self::{
    table::Field,
    texts::{AncestorPart, Texts},
    value::Value,
};

/// What kind of [`Value`] a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// [`Value::Text`].
    Text,
    /// [`Value::Number`].
    Number,
    /// [`Value::Bool`].
    Bool,
    /// [`Value::Ip`].
    Ip,
}

/// A field name that is not one of [`Field::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown field `{name}`{}", .suggestion.map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
pub struct UnknownField {
    /// What was asked for.
    pub name: String,
    /// The nearest field there is, if one is near.
    pub suggestion: Option<Field>,
}

/// `*` is every kind, `calls` every one that is a system call.
macro_rules! kinds {
    ($kind:ident *) => { true };
    ($kind:ident calls) => {
        !matches!(
            $kind,
            EventKind::Exec | EventKind::Fork | EventKind::Exit | EventKind::Connect | EventKind::Cpu
        )
    };
    ($kind:ident [$($of:ident)+]) => { matches!($kind, $(EventKind::$of)|+) };
}
use kinds;

macro_rules! fields {
    ($($variant:ident $name:literal $type:ident $kinds:tt $doc:literal => $get:expr;)*) => {
        /// Everything a rule may ask of an event: Sigma's Linux taxonomy where it has a name, ECS's
        /// dotted names for the rest, and names of ours where neither has one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = $doc] $variant,)*
        }

        impl Field {
            /// Every field, in the order of the reference documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name as rules write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it holds.
            #[must_use]
            pub const fn field_type(self) -> FieldType {
                match self { $(Self::$variant => FieldType::$type,)* }
            }

            /// One sentence on what it means.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Whether events of a kind can have it: of others its value is always none.
            #[must_use]
            pub const fn is_of(self, kind: EventKind) -> bool {
                match self { $(Self::$variant => kinds!(kind $kinds),)* }
            }

            /// Its value in an event; none where the event has no such thing.
            #[must_use]
            pub fn of(self, event: &Event) -> Option<Value<'_>> {
                match self { $(Self::$variant => read(event, $get),)* }
            }
        }
    };
}
use fields;

impl Field {
    /// The field of that [`name`](Self::name), exactly spelt.
    ///
    /// # Errors
    /// [`UnknownField`], with the nearest name if one is near.
    pub fn from_name(name: &str) -> Result<Self, UnknownField> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.name() == name)
            .ok_or_else(|| UnknownField { name: name.to_owned(), suggestion: nearest(name) })
    }

    /// Whether it has several values, of which a test asks any.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(self, Self::AncestorImages | Self::AncestorNames)
    }

    /// Its place in [`ALL`](Self::ALL), for tables indexed by field.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn nearest(name: &str) -> Option<Field> {
    // Longer names are far from every field, and the distance is quadratic in the length.
    if name.len() > 64 {
        return None;
    }
    let distance = |field: &Field| edit_distance(&name.to_lowercase(), &field.name().to_lowercase());
    let best = Field::ALL.iter().copied().min_by_key(distance)?;
    (distance(&best) <= 1 + name.len() / 4).then_some(best)
}

/// Levenshtein's distance, by bytes.
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let substituted = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = substituted.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_is_suggested() {
        for (name, suggestion) in [
            ("image", Some(Field::Image)),
            ("Comandline", Some(Field::CommandLine)),
            ("container.idd", Some(Field::ContainerId)),
            ("Hashes", None),
        ] {
            let error = Field::from_name(name).unwrap_err();
            assert_eq!(error.suggestion, suggestion, "{name}");
        }
    }

    #[test]
    fn index_is_the_place_in_all() {
        assert!(Field::ALL.iter().enumerate().all(|(place, field)| field.index() == place));
    }
}
