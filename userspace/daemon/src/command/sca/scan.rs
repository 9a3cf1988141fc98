use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Write},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use rampart_kernel::wall_nanos;
use rampart_model::Timestamp;
use rampart_sca::{
    CheckResult, Loaded, Policy, ScanEvent, ScanReport, Width,
    host::{Governor, Host, HostConfig, Launcher},
};

use super::{FailOn, ScanArgs, ScanFormat, Stop, csv, good, progress::Progress, table};
use crate::exit::{Exit, Failure};

pub(super) fn scan(args: &ScanArgs) -> Result<Exit, Stop> {
    let policies = policies(args)?;
    let host = host(args)?;
    let width = args.cpu_percent.map_or(Width::Machine, |percent| Width::Governed(Governor::new(percent)));
    let mut out = Output::open(args.output.as_deref())?;
    if args.format == ScanFormat::Lines {
        return lines(&host, &policies, &width, &mut out);
    }
    let progress = Progress::new(&policies);
    let report = rampart_sca::scan(&host, &policies, &width, now, &mut |event| progress.tell(&event));
    progress.finish();
    match args.format {
        ScanFormat::Table => table::write(&report, out.colour, &mut out.writer)?,
        ScanFormat::Csv => csv::write(&report, &mut out.writer)?,
        ScanFormat::Json | ScanFormat::Lines => {
            serde_json::to_writer_pretty(&mut out.writer, &report).map_err(io::Error::from)?;
            out.writer.write_all(b"\n")?;
        }
    }
    out.writer.flush()?;
    Ok(exit(args.fail_on, &report))
}

/// Results as they stand, and the whole at the end.
fn lines(host: &Host, policies: &[Policy], width: &Width, out: &mut Output) -> Result<Exit, Stop> {
    let mut failed = None;
    let report = rampart_sca::scan(host, policies, width, now, &mut |event| {
        if failed.is_none() {
            failed = line(&mut out.writer, &serde_json::json!(event)).err();
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    line(&mut out.writer, &serde_json::json!({ "scan": report }))?;
    Ok(Exit::Done)
}

fn line(out: &mut dyn Write, value: &serde_json::Value) -> io::Result<()> {
    writeln!(out, "{value}")?;
    out.flush()
}

fn now() -> Timestamp {
    Timestamp::from_nanos(wall_nanos())
}

fn policies(args: &ScanArgs) -> Result<Vec<Policy>, Stop> {
    let loaded = if args.policy.is_empty() {
        rampart_sca::embedded()
    } else {
        rampart_sca::load_paths(&args.policy)?
    };
    let mut err = io::stderr().lock();
    for problem in loaded.errors() {
        writeln!(err, "{problem}\n  help: {}", problem.help())?;
    }
    let Loaded { mut policies, .. } = good(loaded)?;
    if let Some(level) = args.level {
        policies.iter_mut().for_each(|policy| policy.keep_level(level.into()));
    }
    Ok(policies)
}

fn host(args: &ScanArgs) -> Result<Host, Stop> {
    let mut config = HostConfig::new(args.root.clone(), launcher(&args.root)?);
    config.limits.command_time = Duration::from_secs(args.command_timeout.into());
    config.skip_network_file_systems = !args.network_file_systems;
    let host = Host::new(config).with_context(|| format!("{}", args.root.display()));
    host.map_err(|error| Stop::Fail(Failure::new(Exit::Unavailable, error)))
}

fn launcher(_root: &Path) -> Result<Launcher, Stop> {
    let program = std::env::current_exe().context("this program's own path").map_err(Failure::from);
    Ok(Launcher::Trampoline {
        program: program.map_err(Stop::Fail)?,
        arguments: vec!["sca".into(), "launch".into(), "--".into()],
    })
}

fn exit(fail_on: Option<FailOn>, report: &ScanReport) -> Exit {
    let mut results = report.policies.iter().flat_map(|policy| &policy.checks).map(|check| check.result);
    let skipped = || report.policies.iter().any(|policy| policy.skipped.is_some());
    let not_so = match fail_on {
        None => false,
        Some(FailOn::Failed) => results.any(|result| result == CheckResult::Failed),
        Some(FailOn::NotPassed) => results.any(|result| result != CheckResult::Passed) || skipped(),
    };
    if not_so { Exit::NotSo } else { Exit::Done }
}

/// Where the report goes.
struct Output {
    writer: Box<dyn Write>,
    colour: bool,
}

impl Output {
    /// Before the scan: one that cannot be written need not be made.
    fn open(file: Option<&Path>) -> Result<Self, Stop> {
        let Some(path) = file else {
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let colour = io::stdout().is_terminal() && !plain;
            return Ok(Self { writer: Box::new(BufWriter::new(io::stdout())), colour });
        };
        let file = File::create(path).with_context(|| format!("{}", path.display()));
        let file = file.map_err(|error| Stop::Fail(Failure::new(Exit::Unavailable, error)))?;
        Ok(Self { writer: Box::new(BufWriter::new(file)), colour: false })
    }
}
