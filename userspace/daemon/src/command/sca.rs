//! `rampart sca`: how the host is set up, against policies.

mod check;
mod csv;
mod launch;
mod progress;
mod scan;
mod serve;
mod table;

use std::{
    ffi::OsString,
    fmt,
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
};

use clap::{Args, Subcommand, ValueEnum};
use rampart_policy::{Catalogue, Mode, SourceError};
use rampart_sca::{Loaded, Policy};

use super::stop::{self, Stop};
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum ScaCommand {
    /// Scan this host, or another root, and tell how each check came out and why
    Scan(ScanArgs),
    /// Check policies, and tell everything that is wrong with them
    Check(CheckArgs),
    /// Scan each time that a line comes in; for the agent
    #[command(hide = true)]
    Serve(ScanArgs),
    /// Start a command in the root and the namespaces of a scanned host; for the scan itself
    #[command(hide = true)]
    Launch(LaunchArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Policies are in Wazuh's SCA format; without --policy all that are in the binary are run. What a check rests on (which rule \
decided, what was expected, what was there) is in the JSON under `evidence`. Commands of a policy run as the user who scans: \
scan as root, and only policies that you trust.

From a container: --root names where the host's file systems are. Files are looked up inside of it, links and all, and commands \
run in the host's namespaces; that takes the host's PID namespace and CAP_SYS_ADMIN, CAP_SYS_CHROOT and CAP_SYS_PTRACE.

The JSON, with more keys as time goes by, and these for certain: policies (id, name, passed, failed, invalid, score, skipped, \
checks (id, title, result, reason, compliance, evidence)).

Examples:
  sudo rampart sca scan
  sudo rampart sca scan --policy /var/ossec/ruleset/sca/cis_debian12.yml
  sudo rampart sca scan --root /host --format json | jq '.policies[].checks[] | select(.result == \"failed\") | .title'
  sudo rampart sca scan --level 1 --format csv --output results.csv")]
pub(crate) struct ScanArgs {
    /// Policy, or folder of policies; `builtin` for those in the binary; may be given more than once
    #[arg(long, value_name = "FILE|DIR")]
    policy: Vec<PathBuf>,
    /// The root of the host
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
    /// Of policies of CIS, or of one of them, only checks of this level and below; may be given more than once
    #[arg(long, value_name = "[POLICY=]1|2")]
    level: Vec<LevelArg>,
    /// Take at most so many per cent of one processor, commands included
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    cpu_percent: Option<u8>,
    /// How long one command may run
    #[arg(long, value_name = "SECS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=300))]
    command_timeout: u32,
    /// Look into folders on network file systems, too: a server that does not answer holds up the scan
    #[arg(long)]
    network_file_systems: bool,
    /// Exit with code 1 if a check has this result
    #[arg(long, value_enum, value_name = "RESULT")]
    fail_on: Option<FailOn>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ScanFormat::Table)]
    format: ScanFormat,
    /// Write it to this file, and not to stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Problems are printed as FILE:LINE:COLUMN, what is wrong, and what to do. Exit code 1 if a policy or a check is refused.

Example:
  rampart sca check policies/sca/*.yml")]
pub(crate) struct CheckArgs {
    /// Policies, or folders of policies
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// For policies of others: say nothing of keys and controls that are not known here
    #[arg(long)]
    lenient: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LaunchArgs {
    /// The root of the host
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// The command's words
    #[arg(last = true)]
    words: Vec<OsString>,
}

/// Up to which level checks of CIS are run: 1 is what every host can have, 2 is for where security comes before convenience.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LevelArg {
    /// Of the policy whose file has this name; none: of all.
    policy: Option<String>,
    level: u8,
}

impl LevelArg {
    fn is_of(&self, policy: &Policy) -> bool {
        self.policy.as_deref().is_none_or(|name| policy.stem() == name)
    }
}

impl fmt::Display for LevelArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.policy {
            Some(policy) => write!(f, "{policy}={}", self.level),
            None => write!(f, "{}", self.level),
        }
    }
}

impl FromStr for LevelArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (policy, level) =
            text.split_once('=').map_or((None, text), |(policy, level)| (Some(policy), level));
        let level = match level {
            "1" => 1,
            "2" => 2,
            _ => return Err("write 1 or 2, or POLICY=1 or POLICY=2, such as cis_linux=1"),
        };
        Ok(Self { policy: policy.map(str::to_owned), level })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A check failed
    Failed,
    /// A check failed or does not apply, or a policy was skipped
    NotPassed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScanFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// For programs that do not wait: a line for each result as soon as it stands, and one for all at the end
    Jsonl,
}

/// Runs a subcommand on the process's own streams.
pub(crate) fn sca(command: ScaCommand) -> Result<ExitCode, Failure> {
    let done = match command {
        ScaCommand::Scan(args) => scan::scan(&args),
        ScaCommand::Check(args) => {
            let mut out = BufWriter::new(io::stdout().lock());
            check::check(&args, &mut out).and_then(|exit| Ok(out.flush().map(|()| exit)?))
        }
        ScaCommand::Serve(_) => serve::serve().map_err(Stop::Fail),
        ScaCommand::Launch(args) => return launch::launch(&args),
    };
    stop::ended(done).map(ExitCode::from)
}

/// Policies from files and folders, or those in the binary.
fn load(paths: &[PathBuf]) -> Result<Loaded, SourceError> {
    if paths.is_empty() {
        return Ok(rampart_sca::embedded());
    }
    // The catalogues are not asked then, and reading them takes longer than many a scan.
    rampart_sca::load_paths(paths, &Catalogue::default(), Mode::Lenient)
}
