//! What `rampart probe` says of a kernel: kept in the repository for each kernel of a guest, so that the
//! documentation is made from it and a change of it is seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;

const FOLDER: &str = "tests/e2e/probes";

/// The part of it that matters here.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Probe {
    pub(crate) kernel: Release,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) missing: Vec<Missing>,
}

/// The kernel it was asked of.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Release {
    pub(crate) release: String,
}

/// A program and its place in the kernel.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Hook {
    pub(crate) program: String,
    pub(crate) point: String,
    pub(crate) event: String,
    pub(crate) attached: bool,
    /// Why not, when it is not.
    pub(crate) reason: Option<String>,
    /// The hook that sees the same and better, where that one is attached instead.
    #[serde(default)]
    pub(crate) replaced_by: Option<String>,
    /// What is not seen without it.
    pub(crate) without: String,
}

/// A field that the kernel does not have.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Missing {
    pub(crate) what: String,
    pub(crate) loses: String,
}

/// Where the one of a kernel is kept.
pub(crate) fn path(workspace: &Workspace, kernel: &str) -> PathBuf {
    workspace.root().join(FOLDER).join(format!("{kernel}.json"))
}

impl Probe {
    /// Reads what `rampart probe --format json` printed.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("this is not what `rampart probe --format json` prints")
    }

    /// Reads a kept one.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| {
            format!("cannot read {}: `cargo xtask vm --record` writes it", path.display())
        })?;
        Self::parse(&text).with_context(|| format!("{}", path.display()))
    }

    /// What is different in a newer one, whatever the kernel's patch level is.
    pub(crate) fn differences(&self, newer: &Self) -> Vec<String> {
        let (was, is) = (self.facts(), newer.facts());
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let state =
            |facts: &BTreeMap<String, &'static str>, name| facts.get(name).copied().unwrap_or("unknown");
        names
            .into_iter()
            .map(|name| (name, state(&was, name), state(&is, name)))
            .filter(|(_, was, is)| was != is)
            .map(|(name, was, is)| format!("{name} was {was}, is {is}"))
            .collect()
    }

    fn facts(&self) -> BTreeMap<String, &'static str> {
        let hook = |hook: &Hook| {
            let state = if hook.attached { "attached" } else { "not attached" };
            (format!("{} at {}", hook.program, hook.point), state)
        };
        let missing = self.missing.iter().map(|missing| (missing.what.clone(), "missing"));
        self.hooks.iter().map(hook).chain(missing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Probe;

    fn probe(release: &str, attached: bool, missing: &str) -> Probe {
        Probe::parse(&format!(
            r#"{{"kernel": {{"release": "{release}", "machine": "x86_64"}}, "error": null,
                 "hooks": [{{"attached": {attached}, "event": "exec", "point": "tp_btf/exec", "program": "p",
                             "reason": null, "without": "programs"}}],
                 "missing": [{missing}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn a_patch_level_is_no_difference_and_a_hook_is() {
        let kept = probe("6.1.1", true, "");
        assert!(kept.differences(&probe("6.1.2", true, "")).is_empty());
        assert_eq!(
            kept.differences(&probe("6.1.1", false, "")),
            ["p at tp_btf/exec was attached, is not attached"]
        );
        let missing = r#"{"what": "task_struct.x", "loses": "names"}"#;
        assert_eq!(
            kept.differences(&probe("6.1.1", true, missing)),
            ["task_struct.x was unknown, is missing"]
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "{}", "[ 1.0] a kernel message\n{}"] {
            Probe::parse(text).unwrap_err();
        }
    }
}
