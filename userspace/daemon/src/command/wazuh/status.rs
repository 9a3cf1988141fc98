use std::{fs, io::Write as _, path::Path, time::Duration};

use anyhow::Context as _;
use rampart_kernel::wall_nanos;
use rampart_model::Timestamp;

use super::SinkArgs;
use crate::{
    cli::Format,
    delivery::{self, AgentReport},
    exit::{Exit, Failure},
};

/// The agent writes every ten seconds. What is older is of one that is gone.
const STALE: Duration = Duration::from_secs(45);

/// Largest report, in bytes.
const REPORT_BYTES: u64 = 1 << 20;

pub(super) fn status(args: &SinkArgs, format: Format) -> Result<Exit, Failure> {
    let config = args.load()?;
    let folder = delivery::agent_folder(&config, args.name.as_deref())
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let report = read(&delivery::report_file(&folder))?;
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&report).context("writing JSON")?,
        Format::Table => table(&report),
    };
    writeln!(std::io::stdout(), "{text}").context("writing to stdout")?;
    Ok(if report.is_connected() { Exit::Done } else { Exit::NotSo })
}

fn read(file: &Path) -> Result<AgentReport, Failure> {
    let absent = |error: String| {
        Failure::message(Exit::Unavailable, format!("{error}; is the agent running with this configuration?"))
    };
    let report = fs::File::open(file)
        .map_err(|error| absent(format!("{}: {error}", file.display())))
        .and_then(|opened| {
            serde_json::from_reader::<_, AgentReport>(std::io::Read::take(opened, REPORT_BYTES))
                .map_err(|error| absent(format!("{}: {error}", file.display())))
        })?;
    let age = Timestamp::from_nanos(wall_nanos()).since(report.written);
    if age > STALE || report.is_over() {
        return Err(absent(format!("{}: last written {} s ago", file.display(), age.as_secs())));
    }
    Ok(report)
}

fn table(report: &AgentReport) -> String {
    let mut lines = vec![
        ("agent", format!("{} ({})", report.name, report.agent_id.as_deref().unwrap_or("not enrolled"))),
        ("state", format!("{} for {} s", report.state, report.for_seconds)),
        ("manager", report.manager.clone().unwrap_or_else(|| "none".to_owned())),
        ("managers", report.managers.join(", ")),
    ];
    if let Some(trouble) = &report.trouble {
        lines.push(("trouble", trouble.error.clone()));
        lines.push(("what to do", trouble.help.clone()));
    }
    lines.extend(report.counters.iter().map(|(name, count)| (name.as_str(), count.to_string())));
    let lines: Vec<_> = lines.iter().map(|(name, value)| format!("{name:<28}{value}")).collect();
    lines.join("\n")
}
