//! The command's options.

use std::path::PathBuf;

use clap::Args;

use crate::{bench::page::destination, workspace::Workspace};

/// Where the figures are shown to readers.
const PAGE: &str = "docs/benchmarks/rules.md";

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Few rounds: shows that everything works, and little more. Writes a page only with --output.
    #[arg(long)]
    quick: bool,
    /// Write the page there and not to docs/benchmarks/rules.md.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Options {
    /// For the program that measures.
    pub(super) fn arguments(&self) -> &'static [&'static str] {
        if self.quick { &["--quick"] } else { &[] }
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
        let page =
            |quick, output: Option<&str>| Options { quick, output: output.map(Into::into) }.page(&workspace);
        assert_eq!(page(false, None), Some(workspace.root().join("docs/benchmarks/rules.md")));
        assert_eq!(page(true, None), None);
        assert_eq!(page(true, Some("a.md")), Some("a.md".into()));
    }
}
