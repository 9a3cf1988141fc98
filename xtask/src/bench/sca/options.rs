//! The command's options.

use clap::{Args, value_parser};

use crate::bench::form::{Binary, Form};

/// Where the figures are shown to readers.
pub(super) const PAGE: &str = "docs/benchmarks/sca.md";

/// How to measure.
#[derive(Debug, Args)]
#[command(after_help = "\
Each round runs all policies and a full audit of lynis, which takes a minute or two. Figures mean something on a machine that \
does nothing else; the page says how busy it was.

Examples:
  sudo env \"PATH=$PATH\" cargo xtask bench sca
  sudo env \"PATH=$PATH\" cargo xtask bench sca --quick
  sudo env \"PATH=$PATH\" cargo xtask bench sca --rounds 7 --output sca.md --daemon target/x86_64-unknown-linux-gnu/release/rampart")]
pub(crate) struct Options {
    /// How often rampart and lynis scan: 3 times, or once with --quick.
    #[arg(long, value_parser = value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    #[command(flatten)]
    pub(super) form: Form,
    #[command(flatten)]
    pub(super) binary: Binary,
}

impl Options {
    pub(super) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.form.quick { 1 } else { 3 })
    }

    /// How often scans are repeated that take no time.
    pub(super) fn repeats(&self) -> u32 {
        if self.form.quick { 3 } else { 21 }
    }
}
