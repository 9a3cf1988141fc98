use std::io::{self, Write};

use rampart_sca::{CheckReport, PolicyReport, ScanReport};

const HEADER: [&str; 8] =
    ["policy", "id", "title", "result", "because", "remediation", "compliance", "seen at"];

/// For spreadsheets: a row for each check.
pub(super) fn write(report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    for policy in &report.policies {
        for check in &policy.checks {
            writer.write_record(row(report, policy, check).map(|cell| harmless(&cell)))?;
        }
    }
    writer.flush()
}

fn row(report: &ScanReport, policy: &PolicyReport, check: &CheckReport) -> [String; 8] {
    let controls = check.compliance.iter().map(|(framework, ids)| format!("{framework}: {}", ids.join(" ")));
    [
        policy.id.to_string(),
        check.id.to_string(),
        check.title.to_string(),
        check.result.name().to_owned(),
        check.because(),
        check.remediation.as_deref().unwrap_or_default().to_owned(),
        controls.collect::<Vec<_>>().join("; "),
        report.ended.to_string(),
    ]
}

/// What begins like a formula is one to a spreadsheet, and what was observed may come from anybody.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
