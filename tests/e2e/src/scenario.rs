//! Scenarios: one deed of an attacker, and the events that must come of it, in one small file.

mod difference;
mod family;
pub(crate) mod kernel;
pub(crate) mod pattern;
mod play;
pub(crate) mod stage;

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

pub use difference::Differences;
pub(crate) use play::LACKING;
pub use play::{Outcome, Player};

/// A file of `tests/e2e/scenarios`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in one sentence.
    pub about: String,
    /// The actor's arguments.
    deed: Vec<Json>,
    /// Events that must come of it.
    expect: Vec<Map<String, Json>>,
    /// Events that must not.
    #[serde(default)]
    absent: Vec<Map<String, Json>>,
    #[serde(default)]
    needs: Needs,
}

/// What must be there, or the scenario is skipped by name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Needs {
    /// The oldest kernel, as in `"5.12"`.
    kernel: Option<kernel::Version>,
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
        // A recording that holds nothing at all must not pass.
        ensure!(!scenario.expect.is_empty(), "`expect` is empty");
        Ok(scenario)
    }

    /// Every category and field that it names, as an event without values.
    pub fn names(&self) -> impl Iterator<Item = Json> {
        self.expect.iter().chain(&self.absent).map(|pattern| {
            let emptied = |(key, value): (&String, &Json)| {
                (key.clone(), if key == pattern::CATEGORY { value.clone() } else { Json::Null })
            };
            Json::Object(pattern.iter().map(emptied).collect())
        })
    }
}

/// A scalar as it is compared and given on.
pub(crate) fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::Scenario;

    const GOOD: &str = "about: x\ndeed: [exit, 3]\nexpect: [{category: file_access}]\n";

    #[test]
    fn an_unknown_key_is_refused_at_every_level() {
        Scenario::parse(GOOD).unwrap();
        for more in ["absnt: [x]\n", "needs: {kernal: \"5.12\"}\n"] {
            let error = Scenario::parse(&format!("{GOOD}{more}")).unwrap_err().to_string();
            assert!(error.contains("unknown field"), "{error}");
        }
    }

    #[test]
    fn what_expects_nothing_is_refused() {
        let error = Scenario::parse("about: x\ndeed: [nothing]\nexpect: []\n").unwrap_err();
        assert!(error.to_string().contains("`expect` is empty"), "{error}");
    }

    #[test]
    fn names_are_those_of_both_lists() {
        let text = format!("{GOOD}absent: [{{category: mount, mount.flags: {{contains: bind}}}}]\n");
        let names: Vec<String> =
            Scenario::parse(&text).unwrap().names().map(|name| name.to_string()).collect();
        assert_eq!(names, [r#"{"category":"file_access"}"#, r#"{"category":"mount","mount.flags":null}"#]);
    }
}
