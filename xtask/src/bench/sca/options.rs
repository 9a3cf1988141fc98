//! The command's options.

use std::path::PathBuf;

use clap::{Args, value_parser};

use crate::{bench::page::destination, workspace::Workspace};

/// Where the figures are shown to readers.
const PAGE: &str = "docs/benchmarks/sca.md";

/// How to measure.
#[derive(Debug, Args)]
#[command(after_help = "\
Each round runs all policies and a full audit of lynis, which takes a minute or two. Figures mean something on a machine that \
does nothing else; the page says how busy it was.

Examples:
  sudo env \"PATH=$PATH\" cargo xtask bench sca
  sudo env \"PATH=$PATH\" cargo xtask bench sca --quick
  sudo env \"PATH=$PATH\" cargo xtask bench sca --rounds 7 --output sca.md --daemon target/release/rampart")]
pub(crate) struct Options {
    /// How often rampart and lynis scan: 3 times, or once with --quick.
    #[arg(long, value_parser = value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// Few rounds: shows that everything works, and little more. Writes a page only with --output.
    #[arg(long)]
    quick: bool,
    /// Write the page there and not to docs/benchmarks/sca.md.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Take this daemon instead of building one.
    #[arg(long, value_name = "FILE")]
    pub(super) daemon: Option<PathBuf>,
}

impl Options {
    pub(super) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 3 })
    }

    /// How often scans are repeated that take no time.
    pub(super) fn repeats(&self) -> u32 {
        if self.quick { 3 } else { 21 }
    }

    /// Figures of few rounds are not for readers.
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
        assert_eq!(page(false, None), (3, Some(workspace.root().join("docs/benchmarks/sca.md"))));
        assert_eq!(page(true, None), (1, None));
        assert_eq!(page(true, Some("a.md")), (1, Some("a.md".into())));
    }
}
