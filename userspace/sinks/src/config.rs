use std::{ops::RangeInclusive, time::Duration};

use serde::Deserialize;

/// Seconds that an answer may take, where nothing else is said.
const TIMEOUT: Seconds = Seconds(10);

/// Shorter is a mistake, and longer holds up all that waits behind.
const TIMEOUTS: RangeInclusive<u32> = 1..=120;

/// What is wrong with a sink's configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {what}")]
pub struct ConfigError {
    /// The key, below the sink's own.
    pub key: &'static str,
    /// What is wrong, and what it can be.
    pub what: String,
}

impl ConfigError {
    pub(crate) fn new(key: &'static str, what: impl Into<String>) -> Self {
        Self { key, what: what.into() }
    }

    /// Unless a number is one of those.
    pub(crate) fn unless_within<N: PartialOrd + Copy + std::fmt::Display>(
        key: &'static str,
        value: N,
        allowed: &RangeInclusive<N>,
    ) -> Result<(), Self> {
        if allowed.contains(&value) {
            return Ok(());
        }
        Err(Self::new(key, format!("{value} is not from {} to {}", allowed.start(), allowed.end())))
    }
}

/// How long something may take: whole seconds, 10 if not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Default for Seconds {
    fn default() -> Self {
        TIMEOUT
    }
}

impl Seconds {
    pub(crate) fn validate(self, key: &'static str) -> Result<(), ConfigError> {
        ConfigError::unless_within(key, self.0, &TIMEOUTS)
    }
}

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Self {
        Self::from_secs(seconds.0.into())
    }
}
