use std::collections::BTreeSet;

use anyhow::bail;
use rampart_e2e::detection::{Rule, Rules};

/// Every rule that raises findings has its scenario, and every scenario its rule.
pub(crate) fn check(rules: &Rules, scenarios: &[String]) -> anyhow::Result<()> {
    let mut faults: Vec<String> = rules
        .ambiguous()
        .into_iter()
        .map(|shared| format!("the name of more than one rule: {shared}"))
        .collect();
    let rules: BTreeSet<String> = rules.iter().map(Rule::name).collect();
    let scenarios: BTreeSet<String> = scenarios.iter().cloned().collect();
    faults.extend(rules.difference(&scenarios).map(|name| format!("no scenario shows the rule {name}")));
    faults.extend(scenarios.difference(&rules).map(|name| format!("the scenario {name} has no rule")));
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}
