//! The command's options.

use std::path::PathBuf;

use clap::{Args, value_parser};

use crate::{bench::page::destination, workspace::Workspace};

/// Where the figures are shown to readers.
const PAGE: &str = "docs/benchmarks/kernel.md";

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often everybody is measured: 5 times, or 2 with --quick.
    #[arg(long, value_parser = value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Short loads: shows that everything works, and little more. Writes a page only with --output.
    #[arg(long)]
    quick: bool,
    /// Write the page there and not to docs/benchmarks/kernel.md.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Take this daemon instead of building one.
    #[arg(long, value_name = "FILE")]
    pub(super) daemon: Option<PathBuf>,
}

impl Options {
    pub(super) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 2 } else { 5 })
    }

    /// By how much loads are shorter.
    pub(super) fn divisor(&self) -> u32 {
        if self.quick { 10 } else { 1 }
    }

    /// Figures of short loads are not for readers.
    pub(super) fn page(&self, workspace: &Workspace) -> Option<PathBuf> {
        destination(workspace, PAGE, self.quick, self.output.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::Options;
    use crate::workspace::Workspace;

    #[test]
    fn a_short_form_does_not_replace_what_readers_see() {
        let workspace = Workspace::locate().unwrap();
        let page = |quick, output: Option<&str>| {
            let options = Options { rounds: None, quick, output: output.map(Into::into), daemon: None };
            (options.rounds(), options.page(&workspace))
        };
        assert_eq!(page(false, None), (5, Some(workspace.root().join("docs/benchmarks/kernel.md"))));
        assert_eq!(page(true, None), (2, None));
        assert_eq!(page(true, Some("a.md")), (2, Some("a.md".into())));
    }
}
