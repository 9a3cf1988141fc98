//! Our scans.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, Result};
use rampart_model::Timestamp;
use serde::{Deserialize, de::IgnoredAny};

use super::measured::{self, Cost};
use crate::bench::process;

/// How long a process that waits for orders takes to begin that.
const SETTLED: Duration = Duration::from_millis(500);

const NANOSECONDS: f64 = 1e9;

/// What of a scan's report is of interest here.
#[derive(Debug, Deserialize)]
pub(super) struct ScanReport {
    started: Timestamp,
    ended: Timestamp,
    pub(super) longest_command: Option<CommandTime>,
    policies: Vec<PolicyReport>,
}

/// The command that took longest.
#[derive(Debug, Deserialize)]
pub(super) struct CommandTime {
    pub(super) command: String,
    took_ms: u32,
}

#[derive(Debug, Deserialize)]
struct PolicyReport {
    passed: usize,
    failed: usize,
    invalid: usize,
    skipped: Option<IgnoredAny>,
}

impl CommandTime {
    pub(super) fn seconds(&self) -> f64 {
        f64::from(self.took_ms) / 1e3
    }
}

impl ScanReport {
    /// Policies that apply to this machine.
    pub(super) fn policies(&self) -> usize {
        self.applying().count()
    }

    /// Those that do not, and whose checks were not run.
    pub(super) fn skipped(&self) -> usize {
        self.policies.len() - self.policies()
    }

    /// Checks of those that apply.
    pub(super) fn checks(&self) -> usize {
        self.applying().map(|policy| policy.passed + policy.failed + policy.invalid).sum()
    }

    fn applying(&self) -> impl Iterator<Item = &PolicyReport> {
        self.policies.iter().filter(|policy| policy.skipped.is_none())
    }

    /// Seconds from the first look at the host to the last result: without starting the program, reading the policies and
    /// writing the report.
    #[expect(clippy::cast_precision_loss, reason = "no scan takes 2^52 nanoseconds")]
    pub(super) fn seconds(&self) -> f64 {
        (self.ended.as_nanos() - self.started.as_nanos()) as f64 / NANOSECONDS
    }
}

/// A scan, and what it has cost.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) report: ScanReport,
    pub(super) cost: Cost,
    /// The most memory that the process held, without the commands that it runs, in MiB.
    pub(super) peak: Option<f64>,
}

/// Our program.
#[derive(Debug)]
pub(super) struct Scanner {
    pub(super) binary: PathBuf,
}

impl Scanner {
    /// Scans this machine by one policy, or by all that are in the binary.
    pub(super) fn scan(&self, policy: Option<&Path>) -> Result<Scan> {
        let mut command = self.command("scan");
        command.args(["--format", "json"]);
        if let Some(policy) = policy {
            command.arg("--policy").arg(policy);
        }
        let ran = measured::run(&mut command)?;
        let report = serde_json::from_slice(&ran.output).context("the scan prints something else")?;
        Ok(Scan { report, cost: ran.cost, peak: ran.peak })
    }

    /// What a process holds that waits for the order to scan, in MiB.
    pub(super) fn idle(&self) -> Result<f64> {
        let mut command = self.command("serve");
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().context("cannot start a scanner")?;
        sleep(SETTLED);
        let memory = process::memory(child.id());
        end(&mut child)?;
        Ok(memory?.resident_mebibytes())
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["sca", subcommand]);
        command
    }
}

/// The end of its input is its own.
fn end(child: &mut Child) -> Result<()> {
    drop(child.stdin.take());
    child.wait().map(drop).context("the scanner does not end")
}

/// A policy that runs this command and nothing else. JSON strings are YAML strings, whatever the command holds.
pub(super) fn policy_of(command: &str) -> Result<String> {
    let rule = serde_json::to_string(&format!("c:{command} -> r:^nothing of that name$"))?;
    Ok(format!(
        "policy: {{id: bench_alone, name: One command, file: alone.yml, description: One command.}}\n\
         checks:\n  - id: 1\n    title: One command\n    condition: any\n    rules: [{rule}]\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::{ScanReport, policy_of};

    #[test]
    fn a_report_is_read_as_it_is_printed() {
        let json = r#"{
            "started": "2026-12-01T02:08:55.000000000Z", "ended": "2026-12-01T02:08:56.500000000Z",
            "longest_command": {"command": "find /", "took_ms": 1250},
            "policies": [
                {"id": "a", "passed": 1, "failed": 2, "invalid": 3, "checks": []},
                {"id": "b", "passed": 0, "failed": 0, "invalid": 9, "checks": [], "skipped": {"title": "t"}}
            ]
        }"#;
        let report: ScanReport = serde_json::from_str(json).unwrap();
        let longest = report.longest_command.as_ref().map(|command| (&*command.command, command.seconds()));
        assert_eq!((report.policies(), report.skipped(), report.checks()), (1, 1, 6));
        assert_eq!(longest, Some(("find /", 1.25)));
        assert!((report.seconds() - 1.5).abs() < 1e-9);
    }

    #[test]
    fn a_command_is_one_text_whatever_it_holds() {
        let policy = policy_of(r#"sh -c "awk '{print $1}' \\x: #""#).unwrap();
        let rule = r#"rules: ["c:sh -c \"awk '{print $1}' \\\\x: #\" -> r:^nothing of that name$"]"#;
        assert!(policy.contains(rule), "{policy}");
    }
}
