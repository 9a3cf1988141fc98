//! Files of the repository that are made from others, and the check that they are up to date.

mod chart_values;
mod coverage;
mod difference;
mod fields;
mod kernel_support;
mod manager_rules;
mod metrics;
mod table;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{outcome::Outcome, workspace::Workspace};

/// What makes a page's text.
type Page = fn(&Workspace) -> Result<String>;

/// Every page by its path below the root.
const PAGES: [(&str, Page); 8] = [
    ("chart/README.md", chart_values::page),
    ("docs/kernel-support.md", kernel_support::page),
    ("docs/reference/coverage.md", coverage::page),
    ("docs/reference/fields.md", fields::page),
    ("docs/reference/metrics.md", metrics::page),
    ("docs/reference/navigator.json", coverage::layer),
    ("integrations/wazuh/rampart_rules.xml", manager_rules::page),
    (manager_rules::NUMBERS, manager_rules::numbers),
];

/// Writes every page that is not up to date.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for (name, page) in PAGES {
        let path = workspace.root().join(name);
        let text = page(workspace).with_context(|| format!("cannot make {name}"))?;
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            println!("{name} is up to date");
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        println!("wrote {name}");
    }
    Ok(())
}

/// Writes nothing; an error when a page is not up to date.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    for (name, page) in PAGES {
        let text = page(workspace).with_context(|| format!("cannot make {name}"))?;
        let there = fs::read_to_string(workspace.root().join(name)).unwrap_or_default();
        if there != text {
            bail!("{name} is not what it is made from: run `cargo xtask codegen`");
        }
    }
    Ok(())
}

/// The same as a gate.
pub(crate) fn gate(workspace: &Workspace) -> Result<Outcome> {
    check(workspace)?;
    Ok(Outcome::Passed)
}
