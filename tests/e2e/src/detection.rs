//! Detections: what an attacker does, and the finding of the one rule that is to tell of it, in one small file.

mod deed;
mod family;
mod finding;
mod marker;
mod play;
mod rules;
mod verdict;
mod watch;

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

pub use play::Player;
pub use rules::{Rule, Rules};

use crate::scenario::{kernel::Version, text};

/// The deed that runs the scenario's script.
const SCRIPT: &str = "script";

/// The deed that performs another in a container; the container's id is the word after it.
const IN_CONTAINER: &str = "in-container";

/// A file of `tests/e2e/detections`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What is done, in one sentence.
    pub about: String,
    /// The actor's arguments.
    deed: Vec<Json>,
    /// What the deed `script` runs.
    script: Option<String>,
    /// What the finding must be like beyond what is asked of every one.
    #[serde(default)]
    finding: Map<String, Json>,
    /// Other rules that rightly fire; with `?` behind it, one that may.
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    needs: Needs,
}

/// What must be there, or the scenario is skipped by name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Needs {
    /// The oldest kernel, as in `"5.12"`.
    kernel: Option<Version>,
    /// A machine that nobody else uses.
    #[serde(default)]
    guest: bool,
}

impl Scenario {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or says what no scenario can say; the error names the file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let scenario: Self = serde_saphyr::from_str(text)?;
        ensure!(!scenario.deed.is_empty(), "`deed` is empty");
        let runs_script = scenario.deed.iter().any(|word| word == SCRIPT);
        ensure!(runs_script == scenario.script.is_some(), "`script` goes with the deed `{SCRIPT}`");
        Ok(scenario)
    }

    /// Whether it must not be played on a machine that others use.
    #[must_use]
    pub const fn needs_guest(&self) -> bool {
        self.needs.guest
    }

    /// The id, perhaps yet to be filled in, of the container in which the deed is done.
    fn container(&self) -> Option<String> {
        let place = self.deed.iter().rposition(|word| word == IN_CONTAINER)?;
        self.deed.get(place + 1).map(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Scenario;

    #[test]
    fn what_cannot_be_played_is_refused() {
        Scenario::parse("about: x\ndeed: [exit, 3]\n").unwrap();
        for (text, wanted) in [
            ("about: x\ndeed: []\n", "`deed` is empty"),
            ("about: x\ndeed: [script]\n", "goes with the deed"),
            ("about: x\ndeed: [exit, 3]\nscript: x\n", "goes with the deed"),
            ("about: x\ndeed: [exit, 3]\nexpect: []\n", "unknown field"),
            ("about: x\ndeed: [exit, 3]\nneeds: {guests: true}\n", "unknown field"),
        ] {
            let error = Scenario::parse(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn the_innermost_container_is_that_of_the_deed() {
        let container = |deed| Scenario::parse(&format!("about: x\ndeed: [{deed}]\n")).unwrap().container();
        assert_eq!(container("in-container, '{id1}', in-container, '{id2}', nothing").unwrap(), "{id2}");
        assert_eq!(container("in-sandbox, nothing"), None);
    }
}
