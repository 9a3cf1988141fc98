//! Numbers of the kernel's and their names.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::Value;

/// Flags and their names, in the order in which they are told.
pub(crate) type Flags = [(u64, &'static str)];

/// Names joined with commas, put together only where somebody reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Names {
    first: &'static str,
    flags: [(&'static Flags, u64); 2],
    last: &'static str,
}

/// The names of the flags that are set.
pub(crate) const fn joined(table: &'static Flags, bits: u64) -> Names {
    Names { first: "", flags: [(table, bits), (&[], 0)], last: "" }
}

impl Names {
    /// One name.
    pub(crate) const fn one(name: &'static str) -> Self {
        Self { first: name, flags: [(&[], 0); 2], last: "" }
    }

    /// After these, those of other flags.
    pub(crate) const fn and(self, table: &'static Flags, bits: u64) -> Self {
        let [first, _] = self.flags;
        Self { flags: [first, (table, bits)], ..self }
    }

    /// With another name at the end, where it is the case.
    pub(crate) const fn and_if(self, holds: bool, name: &'static str) -> Self {
        if holds { Self { last: name, ..self } } else { self }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn iter(&self) -> impl Iterator<Item = &'static str> {
        let of = |(table, bits): (&'static Flags, u64)| {
            table.iter().filter(move |(flag, _)| bits & flag == *flag).map(|(_, name)| *name)
        };
        let names = std::iter::once(self.first).chain(self.flags.into_iter().flat_map(of));
        names.chain(std::iter::once(self.last)).filter(|name| !name.is_empty())
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, name) in self.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A number of the kernel's that has a name, or none that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberName {
    /// The name.
    Known(&'static str),
    /// The number itself.
    Number(u32),
}

/// The name of a number that counts through a table; the number itself beyond its end.
pub(crate) fn nth(table: &[&'static str], number: u32) -> NumberName {
    let name = usize::try_from(number).ok().and_then(|number| table.get(number));
    name.map_or(NumberName::Number(number), |name| NumberName::Known(name))
}

impl fmt::Display for NumberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(name) => f.pad(name),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl Serialize for NumberName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<NumberName> for Value<'_> {
    fn from(name: NumberName) -> Self {
        match name {
            NumberName::Known(name) => name.into(),
            NumberName::Number(number) => number.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_numbers_have_names() {
        const FLAGS: &Flags = &[(1, "one"), (2, "two"), (12, "twelve")];
        for (bits, names) in [(0, ""), (3, "one,two"), (8, ""), (14, "two,twelve")] {
            assert_eq!(joined(FLAGS, bits).to_string(), names);
        }
        assert_eq!([1, 2].map(|number| nth(&["a", "b"], number).to_string()), ["b", "2"]);
    }
}
