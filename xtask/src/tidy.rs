//! The rules about crates and files that the compiler does not know.
//!
//! Every rule looks at the same [`Tree`] and names each breach with its place and its remedy; all breaches of
//! all rules are shown at once.

mod code;
mod dependency;
mod layer;
mod member;
mod name;
mod size;
mod tree;
mod unsafety;
mod wording;

#[cfg(test)]
mod fake;

use std::fmt;

use anyhow::{Result, bail};

use crate::{outcome::Outcome, workspace::Workspace};
use tree::Tree;

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    /// Relative to the root.
    path: String,
    /// From 1.
    line: usize,
    what: String,
    remedy: String,
}

impl Fault {
    fn new(path: &str, line: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}; {}", self.path, self.line, self.what, self.remedy)
    }
}

/// A rule adds what it finds.
type Rule = fn(&Tree, &mut Vec<Fault>);

const RULES: [Rule; 9] = [
    dependency::direction,
    dependency::restricted,
    dependency::through_workspace,
    member::manifest,
    member::folder,
    name::check,
    size::check,
    unsafety::check,
    wording::check,
];

/// Checks the repository.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace.root())?;
    let faults = check(&tree);
    if faults.is_empty() {
        println!(
            "tidy: {} files, {} crates, nothing to complain about",
            tree.files.len(),
            tree.members.len()
        );
        return Ok(());
    }
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    bail!("{} faults\n{}", faults.len(), lines.join("\n"));
}

/// The same as a gate.
pub(crate) fn gate(workspace: &Workspace) -> Result<Outcome> {
    run(workspace)?;
    Ok(Outcome::Passed)
}

fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in RULES {
        rule(tree, &mut faults);
    }
    faults.sort();
    faults.dedup();
    faults
}

#[cfg(test)]
mod tests {
    use super::{check, fake, run};
    use crate::workspace::Workspace;

    #[test]
    fn this_repository_is_tidy() {
        run(&Workspace::locate().unwrap()).unwrap_or_else(|error| panic!("{error}"));
    }

    #[test]
    fn a_tidy_tree_has_no_faults() {
        let faults = check(&fake::tidy().read());
        assert!(faults.is_empty(), "{faults:?}");
    }
}
