//! What the measurements have in common: their options, and what becomes of their figures.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::page::Page;
use crate::{
    build::{self, Profile},
    workspace::Workspace,
};

/// How much is measured, and where the figures go.
#[derive(Debug, Args)]
pub(super) struct Form {
    /// A short form: shows that everything works, and little more. Writes a page only with --output.
    #[arg(long)]
    pub(super) quick: bool,
    /// Write the page there and not below docs/benchmarks.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Form {
    /// Prints a page, and writes it to the file that was asked for, or to its place in the documentation.
    pub(super) fn publish(&self, workspace: &Workspace, place: &str, page: &Page) -> Result<()> {
        println!("\n{}", page.terminal());
        if let Some(file) = self.destination(workspace, place) {
            page.write(&file)?;
            println!("wrote {}", file.display());
        }
        Ok(())
    }

    /// Figures of a short form are not for readers.
    fn destination(&self, workspace: &Workspace, place: &str) -> Option<PathBuf> {
        self.output.clone().or_else(|| (!self.quick).then(|| workspace.root().join(place)))
    }
}

/// The daemon that is measured.
#[derive(Debug, Args)]
pub(super) struct Binary {
    /// Take this daemon instead of building one.
    #[arg(long, value_name = "FILE")]
    daemon: Option<PathBuf>,
}

impl Binary {
    /// Where it is, once it is built.
    pub(super) fn get(&self, workspace: &Workspace) -> Result<PathBuf> {
        self.daemon.clone().map_or_else(|| build::daemon(workspace, Profile::Release), Ok)
    }
}

/// An empty folder for everything that a measurement writes meanwhile.
pub(super) fn scratch(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.target().join("bench").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::Form;
    use crate::workspace::Workspace;

    #[test]
    fn a_short_form_does_not_replace_what_readers_see() {
        let workspace = Workspace::locate().unwrap();
        let page = |quick, output: Option<&str>| {
            Form { quick, output: output.map(Into::into) }.destination(&workspace, "docs/a.md")
        };
        assert_eq!(page(false, None), Some(workspace.root().join("docs/a.md")));
        assert_eq!(page(true, None), None);
        assert_eq!(page(true, Some("a.md")), Some("a.md".into()));
    }
}
