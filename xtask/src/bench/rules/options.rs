//! The command's options.

use clap::Args;

use crate::bench::form::Form;

/// Where the figures are shown to readers.
pub(super) const PAGE: &str = "docs/benchmarks/rules.md";

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) form: Form,
}

impl Options {
    /// For the program that measures.
    pub(super) fn arguments(&self) -> &'static [&'static str] {
        if self.form.quick { &["--quick"] } else { &[] }
    }
}
