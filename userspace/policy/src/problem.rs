use std::{fmt, sync::Arc};

use crate::{Fault, Place};

/// Whether rules that were not written for rampart are taken as well as they can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Every fault refuses its rule. For rules that are ours.
    #[default]
    Strict,
    /// What another product knows and we do not is listed, and the rule is left out or runs without it; a
    /// rule needs no `tests:`. For imported rule sets.
    Lenient,
}

/// How much a [`Problem`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gravity {
    /// Something is less than its author meant; it was asked to be let through ([`Mode::Lenient`]).
    Warning,
    /// The file or rule is refused.
    Error,
}

/// A fault at its place in a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{place}: {gravity}: {fault}")]
pub struct Problem {
    /// The file, as it was asked for.
    pub file: Arc<str>,
    /// Where in it.
    pub place: Place,
    /// How much it matters.
    pub gravity: Gravity,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        self.fault.help()
    }
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}
