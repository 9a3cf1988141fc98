//! docs/reference/coverage.md and docs/reference/navigator.json: what of ATT&CK and of the frameworks the rules answer, as
//! the daemon lists it.

use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};

use super::table::{row, ruler};
use crate::{
    build::{self, Profile},
    command,
    workspace::Workspace,
};

const HEAD: &str = "\
<!-- Made by `cargo xtask codegen` from policies/: change that. -->

# Coverage

What the built-in rules of `rampart run` answer of MITRE ATT&CK and of the control frameworks. `rampart rules list --by
technique` and `--by control` say the same of any set of rules; [navigator.json](navigator.json) is a layer for the ATT&CK
Navigator. Every rule was seen to fire on a real kernel: its scenario, in tests/e2e/detections, is the deed.

A rule answers the controls that its tags name and those that policies/controls/attack.yml maps its techniques to. To answer a
control here means to give evidence that what the control is against was looked for, all the time, and told when it happened.
";

/// So many titles stand in a cell.
const TITLES: usize = 8;

#[derive(Debug, Deserialize)]
struct Rule {
    title: String,
}

#[derive(Debug, Deserialize)]
struct Tactic {
    id: String,
    name: String,
    techniques: Vec<String>,
    of: usize,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct TacticName {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Technique {
    id: String,
    name: String,
    tactics: Vec<TacticName>,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Framework {
    #[serde(rename = "framework")]
    name: String,
    version: Option<String>,
    answered: usize,
    of: usize,
    controls: Vec<Control>,
}

#[derive(Debug, Deserialize)]
struct Control {
    id: String,
    title: String,
    rules: Vec<Rule>,
}

/// Makes the page.
pub(super) fn page(workspace: &Workspace) -> Result<String> {
    let tactics = listed(workspace, &["--by", "tactic", "--format", "json"])?;
    let techniques = listed(workspace, &["--by", "technique", "--format", "json"])?;
    let frameworks = listed(workspace, &["--by", "control", "--format", "json"])?;
    Ok(render(&tactics, &techniques, &frameworks))
}

/// Makes the layer.
pub(super) fn layer(workspace: &Workspace) -> Result<String> {
    Ok(list(workspace, &["--format", "navigator"])? + "\n")
}

fn listed<T: DeserializeOwned>(workspace: &Workspace, arguments: &[&str]) -> Result<Vec<T>> {
    let text = list(workspace, arguments)?;
    serde_json::from_str(&text).with_context(|| format!("rampart rules list {}", arguments.join(" ")))
}

fn list(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let daemon = build::daemon(workspace, Profile::Debug)?;
    command::capture(Command::new(daemon).args(["rules", "list"]).args(arguments))
}

fn render(tactics: &[Tactic], techniques: &[Technique], frameworks: &[Framework]) -> String {
    let mut lines = vec![HEAD.to_owned(), "## Tactics\n".to_owned()];
    lines.extend(table(["tactic", "name", "techniques", "rules"]));
    lines.extend(tactics.iter().map(|tactic| {
        let techniques = format!("{} of {}", tactic.techniques.len(), tactic.of);
        row(&[tactic.id.clone(), tactic.name.clone(), techniques, tactic.rules.len().to_string()])
    }));
    lines.push("\n## Techniques\n".to_owned());
    lines.extend(table(["technique", "name", "tactics", "rules"]));
    lines.extend(techniques.iter().map(technique));
    lines.push("\n## Frameworks\n".to_owned());
    lines.extend(table(["framework", "version", "controls answered"]));
    lines.extend(frameworks.iter().map(|framework| {
        let answered = format!("{} of {}", framework.answered, framework.of);
        row(&[framework.name.clone(), framework.version.clone().unwrap_or_default(), answered])
    }));
    lines.extend(frameworks.iter().flat_map(controls));
    lines.push(String::new());
    lines.join("\n")
}

fn technique(technique: &Technique) -> String {
    let tactics: Vec<&str> = technique.tactics.iter().map(|tactic| tactic.name.as_str()).collect();
    row(&[technique.id.clone(), technique.name.clone(), tactics.join(", "), titles(&technique.rules)])
}

fn controls(framework: &Framework) -> Vec<String> {
    let mut lines = vec![format!("\n## Controls of {}\n", framework.name)];
    lines.extend(table(["control", "title", "number of rules", "rules"]));
    let answered = framework.controls.iter().filter(|control| !control.rules.is_empty());
    lines.extend(answered.map(|control| {
        let number = control.rules.len().to_string();
        row(&[control.id.clone(), control.title.clone(), number, titles(&control.rules)])
    }));
    lines
}

/// Some controls are answered by nearly all rules.
fn titles(rules: &[Rule]) -> String {
    let titles: Vec<&str> = rules.iter().take(TITLES).map(|rule| rule.title.as_str()).collect();
    let rest = match rules.len().saturating_sub(TITLES) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    titles.join("; ") + &rest
}

fn table<const COLUMNS: usize>(heads: [&str; COLUMNS]) -> [String; 2] {
    [row(&heads.map(str::to_owned)), ruler(COLUMNS)]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, from_value, json};

    use super::render;

    #[test]
    fn what_is_answered_is_told_and_counted() {
        let rules =
            |number: usize| -> Json { (0..number).map(|n| json!({"title": format!("R{n}")})).collect() };
        let tactics =
            json!([{"id": "TA0040", "name": "Impact", "techniques": ["T1496"], "of": 9, "rules": rules(2)}]);
        let techniques = json!([{"id": "T1496", "name": "Hijacking", "tactics": [{"name": "Impact"}], "rules": rules(10)}]);
        let control = |id: &str, number| json!({"id": id, "title": "T", "rules": rules(number)});
        let frameworks = json!([{"framework": "pci_dss", "version": "4.0", "answered": 1, "of": 2,
            "controls": [control("11.5.1", 1), control("12.1", 0)]}]);
        let page = render(
            &from_value::<Vec<_>>(tactics).unwrap(),
            &from_value::<Vec<_>>(techniques).unwrap(),
            &from_value::<Vec<_>>(frameworks).unwrap(),
        );
        for line in [
            "| TA0040 | Impact | 1 of 9 | 2 |",
            "| T1496 | Hijacking | Impact | R0; R1; R2; R3; R4; R5; R6; R7; and 2 more |",
            "| pci_dss | 4.0 | 1 of 2 |",
            "| 11.5.1 | T | 1 | R0 |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
        assert!(!page.contains("12.1"), "{page}");
    }
}
