//! docs/reference/metrics.md: what the daemon tells Prometheus, as its registry describes it.

use anyhow::{Context, Result};

use super::table::{row, ruler};
use crate::{command, workspace::Workspace};

const HEAD: &str = "\
<!-- Made by `cargo xtask codegen` from userspace/telemetry/src/metrics: change that. -->

# Metrics

`/metrics`, at the address that `listen` names, has these. Times are in seconds. A labelled metric is there from the first time
that it is set; it has at most a thousand series, whatever the rules, files and managers are that name its labels' values.

`/readyz` says of each module how it is, and fails where one that is required does not do its work; `/healthz` fails where a
thread of the agent gives no sign of life.
";

const FIXED: &str = "
## For dashboards and alerts

These names stay as they are. `node` is the node's name.
";

const OTHERS: &str = "
## The agent itself
";

const ALERTS: &str = "
## Alerts

What to be woken by, as Prometheus reads it. An agent that is gone altogether says nothing any more: Prometheus tells of that
itself, by `up == 0`.
";

const RULES: &str = include_str!("metrics/alerts.yml");

/// Begins the names of the first table.
const FIXED_NAMES: &str = "wazuh_";

/// A line of what the daemon's library lists.
#[derive(Debug)]
struct Metric<'a> {
    name: &'a str,
    kind: &'a str,
    labels: &'a str,
    help: &'a str,
}

/// Makes the page.
pub(super) fn page(workspace: &Workspace) -> Result<String> {
    let mut cargo = workspace.cargo("run");
    cargo.args(["--quiet", "--package", "rampart-telemetry", "--example", "descriptions"]);
    render(&command::capture(&mut cargo)?)
}

fn render(list: &str) -> Result<String> {
    let metrics = list.lines().map(parse).collect::<Result<Vec<_>>>()?;
    let (fixed, others): (Vec<_>, Vec<_>) =
        metrics.into_iter().partition(|metric| metric.name.starts_with(FIXED_NAMES));
    let mut lines = vec![HEAD.trim_end().to_owned(), FIXED.to_owned()];
    lines.extend(table(&fixed));
    lines.push(OTHERS.to_owned());
    lines.extend(table(&others));
    lines.push(ALERTS.to_owned());
    lines.push(format!("```yaml\n{RULES}```\n"));
    Ok(lines.join("\n"))
}

fn parse(line: &str) -> Result<Metric<'_>> {
    let mut cells = line.split('\t');
    let mut next = || cells.next().with_context(|| format!("no description of a metric: {line}"));
    Ok(Metric { name: next()?, kind: next()?, labels: next()?, help: next()? })
}

fn table(metrics: &[Metric<'_>]) -> Vec<String> {
    let heads = ["metric", "type", "labels", "what it says"];
    let mut lines = vec![row(&heads.map(str::to_owned)), ruler(heads.len())];
    lines.extend(metrics.iter().map(|metric| {
        let labels: Vec<String> =
            metric.labels.split_terminator(',').map(|label| format!("`{label}`")).collect();
        let name = format!("`{}`", metric.name);
        row(&[name, metric.kind.to_owned(), labels.join(", "), metric.help.to_owned()])
    }));
    lines
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process::Command};

    use super::{RULES, render};
    use crate::{command, test::PROMTOOL_VARIABLE};

    const CASES: &str = include_str!("metrics/alerts.test.yml");

    #[test]
    fn fixed_names_come_first_and_each_metric_has_a_row() {
        let list = "rampart_rules\tgauge\t\tRules in force.\n\
                    wazuh_alerts_total\tcounter\tseverity,node\tAlerts: a|b.";
        let page = render(list).unwrap();
        let place = |row: &str| page.lines().position(|line| line == row).unwrap();
        let fixed = place("| `wazuh_alerts_total` | counter | `severity`, `node` | Alerts: a\\|b. |");
        assert!(fixed < place("| `rampart_rules` | gauge |  | Rules in force. |"), "{page}");
        assert!(page.ends_with("```\n") && !page.contains("\n\n\n"), "{page}");
    }

    #[test]
    fn a_line_without_all_cells_is_no_metric() {
        assert!(render("rampart_rules\tgauge\n").unwrap_err().to_string().contains("rampart_rules"));
    }

    #[test]
    fn alerts_are_raised_for_the_node_that_is_ill() {
        let promtool = env::var_os(PROMTOOL_VARIABLE).map(Into::into).or_else(|| command::find("promtool"));
        let Some(promtool) = promtool else {
            println!("skipped alerts_are_raised_for_the_node_that_is_ill: there is no promtool");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("alerts.yml"), RULES).unwrap();
        fs::write(folder.path().join("alerts.test.yml"), CASES).unwrap();
        let mut test = Command::new(promtool);
        command::capture(test.args(["test", "rules", "alerts.test.yml"]).current_dir(folder.path())).unwrap();
    }
}
