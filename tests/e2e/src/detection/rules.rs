use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::rampart;

/// A rule or a correlation, as `rampart rules list` tells of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Rule {
    pub(super) id: String,
    pub(super) level: Level,
    pub(super) techniques: Vec<String>,
    pub(super) controls: Vec<String>,
    kind: Kind,
    silent: bool,
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Rule,
    Correlation,
}

/// How bad, from the least on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Rule {
    /// Whether what happened before counts for it.
    pub(super) fn remembers(&self) -> bool {
        self.kind == Kind::Correlation
    }

    /// Its file's name without the ending.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// As scenarios are called: its folder and its stem.
    #[must_use]
    pub fn name(&self) -> String {
        let folder = self.file.parent().and_then(Path::file_name).and_then(|folder| folder.to_str());
        format!("{}/{}", folder.unwrap_or_default(), self.stem())
    }
}

/// All rules that raise findings, and what is wrong with others.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    problems: String,
}

impl Rules {
    /// As the binary under test finds them in a folder.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn list(folder: &Path) -> anyhow::Result<Self> {
        let output = rampart(["rules", "list", "--format", "json"])?.arg(folder).output()?;
        let problems = String::from_utf8_lossy(&output.stderr).into_owned();
        let rules: Vec<Rule> = serde_json::from_slice(&output.stdout).with_context(|| problems.clone())?;
        let problems = if output.status.success() { String::new() } else { problems };
        Ok(Self { rules: rules.into_iter().filter(|rule| !rule.silent).collect(), problems })
    }

    /// What was refused, and why; empty where nothing was.
    #[must_use]
    pub fn problems(&self) -> &str {
        &self.problems
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The one rule of the file `<folder>/<stem>.yml`.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn named(&self, name: &str) -> anyhow::Result<&Rule> {
        let of_name: Vec<&Rule> = self.rules.iter().filter(|rule| rule.name() == name).collect();
        match of_name.as_slice() {
            [rule] => Ok(rule),
            [] => {
                let why: Vec<&str> = self.problems.lines().filter(|line| line.contains(name)).collect();
                bail!("no rule of {name}.yml is in force\n{}", why.join("\n"))
            }
            _ => bail!("{name}.yml has several rules that raise findings: give each a file"),
        }
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Names that two files share, each with the files.
    #[must_use]
    pub fn ambiguous(&self) -> Vec<String> {
        let mut files = BTreeMap::new();
        for rule in &self.rules {
            files.entry(rule.stem()).or_insert_with(Vec::new).push(rule.file.display().to_string());
        }
        let shared = files.into_iter().filter(|(_, files)| files.len() > 1);
        shared.map(|(stem, files)| format!("{stem}: {}", files.join(", "))).collect()
    }
}

#[cfg(test)]
impl Rules {
    /// Rules as `rampart rules list` would print them.
    pub(super) fn parse(text: &str) -> Self {
        Self { rules: serde_json::from_str(text).unwrap(), problems: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Rules};

    const LIST: &str = r#"[
        {"id": "1", "level": "high", "techniques": [], "controls": [], "silent": false, "kind": "rule", "file": "p/runtime/impact/a.yml", "more": 1},
        {"id": "2", "level": "low", "techniques": [], "controls": [], "silent": false, "kind": "rule", "file": "p/runtime/impact/b.yml"},
        {"id": "3", "level": "low", "techniques": [], "controls": [], "silent": false, "kind": "rule", "file": "p/runtime/impact/b.yml"}
    ]"#;

    #[test]
    fn a_rule_is_found_by_its_file() {
        let rules = Rules::parse(LIST);
        assert_eq!(rules.named("impact/a").unwrap().id, "1");
        assert!(rules.named("impact/b").unwrap_err().to_string().contains("several"));
        assert!(rules.named("execution/a").unwrap_err().to_string().contains("no rule"));
        assert_eq!(rules.ambiguous(), ["b: p/runtime/impact/b.yml, p/runtime/impact/b.yml"]);
    }

    #[test]
    fn levels_have_an_order() {
        assert!(
            Level::Low < Level::Medium && Level::Informational < Level::Low && Level::High < Level::Critical
        );
    }
}
