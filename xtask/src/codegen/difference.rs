//! tests/e2e/kernels.toml: where scenarios go differently than elsewhere, and why.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};
use clap::ValueEnum as _;

use crate::vm::{KERNELS, Variant};

/// The kernel of the machine that tests run on, whichever it is: no page tells of it.
const NATIVE: &str = "native";

/// A scenario that goes differently on one kernel with one variant of the daemon.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The kernel's place in the table of kernels.
    pub(super) kernel: usize,
    pub(super) variant: Variant,
    pub(super) scenario: String,
    pub(super) reason: String,
}

/// By kernel, variant and scenario.
type Table = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// Reads the table, sorted by kernel, variant and scenario.
pub(super) fn read(path: &Path) -> Result<Vec<Difference>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Difference>> {
    let table: Table = toml::from_str(text)?;
    let mut differences = Vec::new();
    for (name, variants) in table.into_iter().filter(|(name, _)| name != NATIVE) {
        let Some(kernel) = KERNELS.iter().position(|kernel| kernel.name == name) else {
            let known: Vec<&str> = KERNELS.iter().map(|kernel| kernel.name).collect();
            bail!("no guest has a kernel called {name}: take one of {}", known.join(", "));
        };
        for (word, scenarios) in variants {
            let Ok(variant) = Variant::from_str(&word, false) else {
                bail!("{name}: no variant is called {word}: take `auto` or `tracepoints`");
            };
            differences.extend(scenarios.into_iter().map(|(scenario, reason)| Difference {
                kernel,
                variant,
                scenario,
                reason,
            }));
        }
    }
    differences.sort_by(|left, right| {
        (left.kernel, left.variant, &left.scenario).cmp(&(right.kernel, right.variant, &right.scenario))
    });
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_machine_itself_is_no_guest() {
        assert_eq!(parse("[native.auto]\nmount = \"locked\"\n").unwrap(), []);
    }

    #[test]
    fn differences_are_sorted_from_the_oldest_kernel_on() {
        let text = "[newest.auto]\nb = \"why b\"\n[\"5.10\".tracepoints]\nc = \"why c\"\na = \"why a\"\n\
                    [\"5.10\".auto]\nd = \"why d\"\n";
        let reasons: Vec<String> = parse(text).unwrap().into_iter().map(|one| one.reason).collect();
        assert_eq!(reasons, ["why d", "why a", "why c", "why b"]);
        assert!(parse("# nothing\n").unwrap().is_empty());
    }

    #[test]
    fn what_nobody_boots_is_refused() {
        for (text, word) in [
            ("[\"4.19\".auto]\na = \"b\"\n", "4.19"),
            ("[newest.fast]\na = \"b\"\n", "fast"),
            ("[newest.auto]\na = 1\n", "expected a string"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
    }
}
