//! integrations/wazuh/rampart_rules.xml: what findings are to a Wazuh manager; one rule for each of ours, as the daemon lists
//! them. And integrations/wazuh/rule_ids.toml, by which a rule keeps its number over releases.

mod compliance;
mod frame;
mod numbers;
mod rule;

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use rampart_model::{ControlRef, Severity};
use serde::Deserialize;

use self::{
    frame::{field, level},
    numbers::Numbers,
    rule::{Condition, ManagerRule},
};
use crate::{
    build::{self, Profile},
    command,
    workspace::Workspace,
};

/// Where the numbers are kept, below the root.
pub(super) const NUMBERS: &str = "integrations/wazuh/rule_ids.toml";

/// One of our rules, as `rampart rules list` tells of it.
#[derive(Debug, Deserialize)]
struct Listed {
    id: String,
    title: String,
    level: Severity,
    silent: bool,
    techniques: Vec<String>,
    controls: Vec<String>,
}

/// Makes the rules file.
pub(super) fn page(workspace: &Workspace) -> Result<String> {
    let (listed, numbers) = numbered(workspace)?;
    render(&listed, &numbers)
}

/// Makes the file of numbers: those that were given, and those of new rules.
pub(super) fn numbers(workspace: &Workspace) -> Result<String> {
    Ok(numbered(workspace)?.1.render())
}

fn numbered(workspace: &Workspace) -> Result<(Vec<Listed>, Numbers)> {
    let path = workspace.root().join(NUMBERS);
    // Begun anew, every rule would get another number, and people's own rules would refer to wrong ones.
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}: it is kept in version control", path.display()))?;
    let mut numbers = Numbers::parse(&text).with_context(|| format!("{}", path.display()))?;
    let listed = listed(workspace)?;
    numbers.give(listed.iter().map(|rule| rule.id.as_str()))?;
    Ok((listed, numbers))
}

/// The rules that raise findings.
fn listed(workspace: &Workspace) -> Result<Vec<Listed>> {
    let daemon = build::daemon(workspace, Profile::Debug)?;
    let text = command::capture(Command::new(daemon).args(["rules", "list", "--format", "json"]))?;
    let mut listed: Vec<Listed> = serde_json::from_str(&text).context("rampart rules list --format json")?;
    listed.retain(|rule| !rule.silent);
    Ok(listed)
}

fn render(listed: &[Listed], numbers: &Numbers) -> Result<String> {
    let mut rules = frame::before();
    for ours in listed {
        rules.push(manager_rule(ours, numbers).with_context(|| format!("{}: {}", ours.id, ours.title))?);
    }
    rules.extend(frame::after());
    rules.sort_by_key(|rule| rule.id);
    let mut page = frame::head();
    for rule in &rules {
        page.push('\n');
        page.push_str(&rule.render()?);
    }
    page.push_str(frame::FOOT);
    Ok(page)
}

fn manager_rule(ours: &Listed, numbers: &Numbers) -> Result<ManagerRule> {
    // The pattern must mean itself.
    let is_plain = ours.id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    ensure!(is_plain && !ours.id.is_empty(), "the id is no UUID");
    ensure!(!ours.title.contains('$'), "the manager would take a part of the title for a field's name");
    let controls =
        ours.controls.iter().map(|tag| Ok(tag.parse::<ControlRef>()?)).collect::<Result<Vec<_>>>()?;
    let mut groups = frame::groups(ours.level);
    groups.extend(compliance::groups(&controls));
    Ok(ManagerRule {
        id: numbers.of(&ours.id).context("it has no number")?,
        level: level(ours.level),
        window: None,
        conditions: vec![
            Condition::IfSid(frame::severity_rule(ours.level)),
            field("rampart.rule.id", format!("^{}$", ours.id)),
        ],
        description: format!("Rampart: {}", ours.title),
        techniques: ours.techniques.clone(),
        groups,
    })
}

#[cfg(test)]
mod tests {
    use super::{Listed, Numbers, render};
    use rampart_model::Severity;

    const ID: &str = "6b388331-f9e6-4918-b8fe-850dd57130f5";

    fn listed(id: &str, title: &str) -> Listed {
        Listed {
            id: id.to_owned(),
            title: title.to_owned(),
            level: Severity::High,
            silent: false,
            techniques: vec!["T1003.008".to_owned(), "T1552".to_owned()],
            controls: vec!["nist_800_53.si-4".to_owned(), "pci_dss.11.5.1".to_owned()],
        }
    }

    fn rendered(listed: &[Listed]) -> anyhow::Result<String> {
        let mut numbers = Numbers::parse("[ids]")?;
        numbers.give(listed.iter().map(|rule| rule.id.as_str()))?;
        render(listed, &numbers)
    }

    #[test]
    fn a_rule_says_all_that_ours_says() {
        let page = rendered(&[listed(ID, "Password hashes read")]).unwrap();
        let rule = r#"
  <rule id="117100" level="12">
    <if_sid>117013</if_sid>
    <field name="rampart.rule.id">^6b388331-f9e6-4918-b8fe-850dd57130f5$</field>
    <description>Rampart: Password hashes read</description>
    <options>no_full_log</options>
    <mitre>
      <id>T1003.008</id>
      <id>T1552</id>
    </mitre>
    <group>rampart_alert,rampart_severe,nist_800_53_SI.4,pci_dss_11.5.1,</group>
  </rule>
"#;
        assert!(page.contains(rule), "{page}");
    }

    #[test]
    fn rules_stand_in_the_order_of_their_numbers() {
        let page = rendered(&[listed(ID, "Z"), listed("0b388331-f9e6-4918-b8fe-850dd57130f5", "A")]).unwrap();
        let ids: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("  <rule id=\"")).collect();
        assert!(ids.is_sorted() && ids.len() > 10, "{ids:?}");
    }

    #[test]
    fn what_the_manager_would_read_otherwise_is_refused() {
        for (id, title) in [
            (ID, "A < B"),
            (ID, "A & B"),
            (ID, r"A \ B"),
            (ID, "A $(rampart.message)"),
            (ID, "Bänke"),
            ("a.b", "T"),
            ("a|b", "T"),
            ("", "T"),
        ] {
            assert!(rendered(&[listed(id, title)]).is_err(), "{id} {title}");
        }
    }
}
