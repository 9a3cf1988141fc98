use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Write},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use rampart_kernel::wall_nanos;
use rampart_model::{CheckResult, Timestamp};
use rampart_policy::Gravity;
use rampart_sca::{
    Policy, ScanReport,
    host::{CpuShare, Host, HostConfig, Launcher, Limits},
};

use super::{FailOn, ScanArgs, ScanFormat, Stop, csv, load, progress::Progress, table};
use crate::{
    assessment::Line,
    exit::{Exit, Failure},
};

/// Problems with policies that are told before a scan: a folder may have policies of other systems by the dozen.
const SHOWN_PROBLEMS: usize = 20;

pub(super) fn scan(args: &ScanArgs) -> Result<Exit, Stop> {
    rampart_telemetry::init_logs("warn").map_err(|error| Stop::Fail(Failure::new(Exit::Internal, error)))?;
    let policies = policies(args)?;
    if !rustix::process::geteuid().is_root() {
        writeln!(
            io::stderr(),
            "rampart: not root: what this user may not see is told as if it were not there"
        )?;
    }
    let host = host(args)?;
    let mut out = Output::open(args.output.as_deref())?;
    if args.format == ScanFormat::Jsonl {
        let report = lines(&host, &policies, &mut out)?;
        return Ok(exit(args.fail_on, &report));
    }
    let progress = Progress::new(&policies);
    let mut report = rampart_sca::scan(&host, &policies, now, &mut |event| progress.tell(&event));
    progress.finish();
    report.leave_out_details();
    print(args.format, &report, &mut out).map_err(|error| match &args.output {
        Some(path) => unwritten(path, error),
        None => Stop::Write(error),
    })?;
    Ok(exit(args.fail_on, &report))
}

fn print(format: ScanFormat, report: &ScanReport, out: &mut Output) -> io::Result<()> {
    match format {
        ScanFormat::Table => table::write(report, out.colour, &mut out.writer)?,
        ScanFormat::Csv => csv::write(report, &mut out.writer)?,
        ScanFormat::Json | ScanFormat::Jsonl => {
            serde_json::to_writer_pretty(&mut out.writer, report)?;
            out.writer.write_all(b"\n")?;
        }
    }
    out.writer.flush()
}

fn unwritten(path: &Path, error: io::Error) -> Stop {
    Stop::Fail(Failure::new(
        Exit::Unavailable,
        anyhow::Error::from(error).context(path.display().to_string()),
    ))
}

/// Results as they stand, and the whole at the end.
fn lines(host: &Host, policies: &[Policy], out: &mut Output) -> Result<ScanReport, Stop> {
    let mut failed = None;
    let report = rampart_sca::scan(host, policies, now, &mut |event| {
        if failed.is_none() {
            failed = write_line(&mut out.writer, &Line::from(event)).err();
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    write_line(&mut out.writer, &Line::Scan(report.clone()))?;
    Ok(report)
}

pub(super) fn write_line(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn now() -> Timestamp {
    Timestamp::from_nanos(wall_nanos())
}

fn policies(args: &ScanArgs) -> Result<Vec<Policy>, Stop> {
    let mut loaded = load(&args.policy)?;
    let mut err = io::stderr().lock();
    let errors: Vec<_> =
        loaded.problems.iter().filter(|problem| problem.gravity() == Gravity::Error).collect();
    for problem in errors.iter().take(SHOWN_PROBLEMS) {
        writeln!(err, "{problem}\n  help: {}", problem.help())?;
    }
    if errors.len() > SHOWN_PROBLEMS {
        let more = errors.len() - SHOWN_PROBLEMS;
        writeln!(err, "… and {more} more problems; `rampart sca check --lenient` tells all")?;
    }
    if loaded.policies.is_empty() {
        return Err(Stop::Fail(Failure::message(Exit::Unavailable, "no policy could be loaded")));
    }
    for level in &args.level {
        let mut of_level = loaded.policies.iter_mut().filter(|policy| level.is_of(policy)).peekable();
        if of_level.peek().is_none() {
            let message = format!("--level {level}: no such policy is scanned");
            return Err(Stop::Fail(Failure::message(Exit::Usage, message)));
        }
        of_level.for_each(|policy| policy.keep_level(level.level));
    }
    Ok(loaded.policies)
}

fn host(args: &ScanArgs) -> Result<Host, Stop> {
    let command_time = Duration::from_secs(args.command_timeout.into());
    let config = HostConfig {
        root: args.root.clone(),
        limits: Limits { command_time, ..Limits::default() },
        launcher: Launcher::this_program(["sca", "launch"]),
        skip_nfs: !args.network_file_systems,
        cpu_share: args.cpu_percent.and_then(CpuShare::percent),
    };
    let host = Host::new(config).with_context(|| args.root.display().to_string());
    host.map_err(|error| Stop::Fail(Failure::new(Exit::Unavailable, error)))
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
