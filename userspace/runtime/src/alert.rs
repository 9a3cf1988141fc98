//! From matches to findings that people can read: the same told once with a count, and no rule drowning the others.

mod fold;
mod rate;

pub use self::rate::RateLimit;
pub(crate) use self::{
    fold::{Fold, Folded},
    rate::Rates,
};

use std::time::Duration;

use rampart_model::Timestamp;

/// Whether a period is over. One that begins long after now is: the clock was set back, and nobody must wait for it.
fn is_over(began: Timestamp, period: Duration, now: Timestamp) -> bool {
    now.since(began) >= period || began.since(now) > period
}

/// How much of what happens is told one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertConfig {
    /// How long the same is only counted after it was told. Zero: everything is told.
    pub fold: Duration,
    /// How many findings of one rule are let through. None: all.
    pub rate: Option<RateLimit>,
}

impl Default for AlertConfig {
    /// A minute, and ten a second.
    fn default() -> Self {
        Self { fold: Duration::from_mins(1), rate: RateLimit::new(600, Duration::from_mins(1)) }
    }
}
