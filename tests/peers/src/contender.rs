//! The engines, each with its rules loaded and its events in the form that it likes best.

mod rampart;
mod rsigma;
mod sigma_rust;

use std::time::Duration;

use crate::corpus::event::Sample;

/// An engine at work.
pub trait Contender {
    /// Evaluates the event of that number, and says how many rules matched.
    fn evaluate(&mut self, number: usize) -> usize;
}

/// What loading the rules took.
#[derive(Debug, Clone, Copy)]
pub struct Loading {
    /// From text to rules.
    pub parse: Duration,
    /// From rules to what evaluates.
    pub compile: Duration,
}

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// This engine on events as the daemon has them.
    Rampart,
    /// This engine on recorded events.
    RampartRecord,
    /// rsigma-eval as it comes.
    Rsigma,
    /// With its Bloom filters.
    RsigmaBloom,
    /// With its automaton over all rules.
    RsigmaAutomaton,
    /// With both.
    RsigmaBoth,
    /// sigma-rust.
    SigmaRust,
}

impl Name {
    /// Everybody.
    pub const ALL: [Self; 7] = [
        Self::Rampart,
        Self::RampartRecord,
        Self::Rsigma,
        Self::RsigmaBloom,
        Self::RsigmaAutomaton,
        Self::RsigmaBoth,
        Self::SigmaRust,
    ];

    /// The name that people know.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Rampart => "rampart",
            Self::RampartRecord => "rampart, recorded events",
            Self::Rsigma => "rsigma-eval",
            Self::RsigmaBloom => "rsigma-eval, bloom",
            Self::RsigmaAutomaton => "rsigma-eval, automaton",
            Self::RsigmaBoth => "rsigma-eval, bloom and automaton",
            Self::SigmaRust => "sigma-rust",
        }
    }

    /// Whether somebody else wrote it.
    #[must_use]
    pub const fn is_peer(self) -> bool {
        !matches!(self, Self::Rampart | Self::RampartRecord)
    }

    /// Loads the rules and takes the events.
    #[must_use]
    pub fn load(self, rules: &[String], samples: &[Sample]) -> (Box<dyn Contender>, Loading) {
        match self {
            Self::Rampart => rampart::on_events(rules, samples),
            Self::RampartRecord => rampart::on_records(rules, samples),
            Self::Rsigma => rsigma::load(rules, samples, false, false),
            Self::RsigmaBloom => rsigma::load(rules, samples, true, false),
            Self::RsigmaAutomaton => rsigma::load(rules, samples, false, true),
            Self::RsigmaBoth => rsigma::load(rules, samples, true, true),
            Self::SigmaRust => sigma_rust::load(rules, samples),
        }
    }
}
