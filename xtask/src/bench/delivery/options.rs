//! The command's options.

use clap::Args;

use crate::bench::form::Form;

/// Where the figures are shown to readers.
pub(super) const PAGE: &str = "docs/benchmarks/delivery.md";

const FINDINGS: u64 = 200_000;
const FEW_FINDINGS: u64 = 10_000;
const ROUNDS: u32 = 3;

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) form: Form,
}

impl Options {
    /// How many are delivered in each case.
    pub(super) fn findings(&self) -> u64 {
        if self.form.quick { FEW_FINDINGS } else { FINDINGS }
    }

    /// How often each case is measured.
    pub(super) fn rounds(&self) -> u32 {
        if self.form.quick { 1 } else { ROUNDS }
    }
}
