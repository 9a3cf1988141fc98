//! What the program that delivers prints, as it prints it, round by round.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::bench::statistics::median;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    /// Findings become messages.
    Encode,
    /// Messages become frames.
    Seal,
    /// They are kept, and taken at once by somebody who does nothing with them.
    Spool,
    /// They go to a manager, kept nowhere.
    Direct,
    /// They are kept and go to a manager.
    Whole,
    /// They are kept, and there is no manager.
    Fill,
    /// What was kept then goes to a manager.
    Drain,
}

/// What a case has taken, all of it together.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Figures {
    pub(super) findings: f64,
    /// By the wall, until the last one was where it had to go.
    pub(super) seconds: f64,
    /// Processor time: of the process,
    pub(super) process_seconds: f64,
    /// of the thread that makes messages and keeps them,
    pub(super) keeper_seconds: f64,
    /// and of the one that seals and sends them.
    pub(super) sender_seconds: f64,
    pub(super) message_bytes: f64,
    pub(super) wire_bytes: f64,
    pub(super) file_bytes: f64,
    pub(super) peak_kibibytes: f64,
}

/// All rounds.
#[derive(Debug, Default)]
pub(super) struct Rounds(BTreeMap<Case, Vec<Figures>>);

impl Case {
    /// In the order in which they are measured: what fills comes before what drains.
    pub(super) const ALL: [Self; 7] =
        [Self::Encode, Self::Seal, Self::Spool, Self::Direct, Self::Whole, Self::Fill, Self::Drain];

    /// As the program knows it.
    pub(super) const fn argument(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::Seal => "seal",
            Self::Spool => "spool",
            Self::Direct => "direct",
            Self::Whole => "whole",
            Self::Fill => "fill",
            Self::Drain => "drain",
        }
    }

    /// Where it has its files.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Drain => Self::Fill.argument(),
            case => case.argument(),
        }
    }

    /// For readers.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Encode => "made into messages",
            Self::Seal => "sealed",
            Self::Spool => "kept, and taken at once",
            Self::Direct => "delivered, kept nowhere",
            Self::Whole => "kept and delivered",
            Self::Fill => "kept while there is no manager",
            Self::Drain => "delivered from a backlog on disk",
        }
    }
}

impl Figures {
    pub(super) fn per_second(&self) -> f64 {
        self.findings / self.seconds
    }

    /// What a sum over all findings is for one.
    pub(super) fn each(&self, sum: f64) -> f64 {
        sum / self.findings
    }
}

impl Rounds {
    pub(super) fn add(&mut self, case: Case, figures: Figures) {
        self.0.entry(case).or_default().push(figures);
    }

    /// A figure of each round of a case.
    pub(super) fn all(&self, case: Case, figure: impl Fn(&Figures) -> f64) -> Vec<f64> {
        self.0.get(&case).into_iter().flatten().map(figure).collect()
    }

    /// The median of it.
    pub(super) fn median(&self, case: Case, figure: impl Fn(&Figures) -> f64) -> Result<f64> {
        median(&self.all(case, figure)).with_context(|| format!("no figures of {}", case.argument()))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.values().map(Vec::len).max().unwrap_or_default()
    }
}
