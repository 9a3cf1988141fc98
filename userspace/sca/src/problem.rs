use std::{fmt, sync::Arc};

use rampart_policy::{Gravity, Place};

use crate::Fault;

/// What becomes of a policy by a fault: what Wazuh's agent does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Nothing: it is told to the author.
    Kept,
    /// The check is left out.
    CheckLeftOut,
    /// This check and those behind it are left out.
    RestLeftOut,
    /// The whole policy is left out.
    PolicyLeftOut,
}

impl Effect {
    /// A warning if everything is kept, otherwise an error.
    #[must_use]
    pub const fn gravity(self) -> Gravity {
        match self {
            Self::Kept => Gravity::Warning,
            Self::CheckLeftOut | Self::RestLeftOut | Self::PolicyLeftOut => Gravity::Error,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::CheckLeftOut => " (the check is left out)",
            Self::RestLeftOut => " (this check and those behind it are left out)",
            Self::PolicyLeftOut => " (the policy is left out)",
        }
    }
}

/// A fault at its place in an SCA policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// The file, as it was asked for.
    pub file: Arc<str>,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub fault: Fault,
    /// What becomes of the policy.
    pub effect: Effect,
}

impl Problem {
    /// How much it matters.
    #[must_use]
    pub const fn gravity(&self) -> Gravity {
        self.effect.gravity()
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        self.fault.help()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, fault, effect } = self;
        write!(f, "{file}:{place}: {}: {fault}{}", effect.gravity(), effect.words())
    }
}
