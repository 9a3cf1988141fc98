use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use rampart_model::CheckResult;
use rampart_sca::{CheckReport, PolicyReport, ScanReport};

use crate::command::rules::printable;

/// For people: a policy, and below it its checks; of those that did not pass, why.
pub(super) fn write(report: &ScanReport, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    for policy in &report.policies {
        heading(policy, colour, out)?;
        let told = policy.skipped.is_some();
        policy.checks.iter().try_for_each(|check| row(check, told, colour, out))?;
        writeln!(out)?;
    }
    let of = |count: fn(&PolicyReport) -> usize| report.policies.iter().map(count).sum::<usize>();
    let skipped = report.policies.iter().filter(|policy| policy.skipped.is_some()).count();
    writeln!(
        out,
        "passed: {}, failed: {}, not applicable: {}, policies skipped: {skipped}",
        of(|policy| policy.passed),
        of(|policy| policy.failed),
        of(|policy| policy.invalid),
    )
}

fn heading(policy: &PolicyReport, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let bold = if colour { Style::new().bold() } else { Style::new() };
    let name = printable(&policy.name);
    let id = printable(&policy.id);
    if let Some(skipped) = &policy.skipped {
        let (title, reason) = (printable(&skipped.title), printable(&skipped.reason));
        return writeln!(out, "{bold}{name}{bold:#} ({id}): skipped: {title}: {reason}");
    }
    let PolicyReport { passed, failed, invalid, score, .. } = policy;
    writeln!(
        out,
        "{bold}{name}{bold:#} ({id}): {passed} passed, {failed} failed, {invalid} not applicable, score {score:.0} %"
    )
}

/// `told`: why it does not apply, above.
fn row(check: &CheckReport, told: bool, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let style = if colour { style(check.result) } else { Style::new() };
    let result = check.result.name();
    writeln!(out, "  {style}{result:<14}{style:#}  {:>6}  {}", check.id, printable(&check.title))?;
    if told || check.result == CheckResult::Passed {
        return Ok(());
    }
    let dim = if colour { Style::new().dimmed() } else { Style::new() };
    writeln!(out, "{:26}{dim}{}{dim:#}", "", printable(&check.because()))
}

fn style(result: CheckResult) -> Style {
    match result {
        CheckResult::Passed => AnsiColor::Green.on_default(),
        CheckResult::Failed => AnsiColor::Red.on_default(),
        CheckResult::NotApplicable => AnsiColor::Yellow.on_default(),
    }
}
