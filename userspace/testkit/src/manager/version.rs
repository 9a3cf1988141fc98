//! Versions as agents say them.

use std::fmt;

/// `v4.14.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Version([u16; 3]);

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) => Some(Self([major, minor, patch])),
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(formatter, "v{major}.{minor}.{patch}")
    }
}
