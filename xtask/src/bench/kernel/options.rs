//! The command's options.

use clap::{Args, value_parser};

use crate::bench::form::{Binary, Form};

/// Where the figures are shown to readers.
pub(super) const PAGE: &str = "docs/benchmarks/kernel.md";

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often everybody is measured: 5 times, or 2 with --quick.
    #[arg(long, value_parser = value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    #[command(flatten)]
    pub(super) form: Form,
    #[command(flatten)]
    pub(super) binary: Binary,
}

impl Options {
    pub(super) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.form.quick { 2 } else { 5 })
    }

    /// By how much loads are shorter.
    pub(super) fn divisor(&self) -> u32 {
        if self.form.quick { 10 } else { 1 }
    }
}
