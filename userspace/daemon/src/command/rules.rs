//! `rampart rules`: everything about detection rules that needs neither root nor a kernel.

mod bench;
mod check;
mod eval;
mod list;
mod recorded;
mod test;

use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use rampart_kernel::wall_nanos;
use rampart_model::Timestamp;
use rampart_policy::{Loaded, Mode, Problem, embedded, load_paths};

pub(super) use self::list::printable;
use self::{bench::BenchArgs, list::ListArgs};
use super::stop::{self, Stop};
use crate::exit::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Check rules and control catalogues, and tell everything that is wrong with them
    Check(CheckArgs),
    /// List rules, the techniques and controls that they answer, and exceptions
    List(ListArgs),
    /// Try rules on the test events that they carry
    Test(TestArgs),
    /// Try rules on recorded events
    Eval(EvalArgs),
    /// Measure what rules cost per event
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Problems are printed as FILE:LINE:COLUMN, what is wrong, and what to do. Exit code 1 if a rule is refused.

Examples:
  rampart rules check policies/
  rampart rules check --lenient sigma/rules/linux/")]
pub(crate) struct CheckArgs {
    /// Folders of rules, or single files
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<PathBuf>,
    #[command(flatten)]
    mode: ModeArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 if a rule judges one of its events otherwise than it says, or is refused.

Example:
  rampart rules test policies/")]
pub(crate) struct TestArgs {
    /// Folders of rules, or single files; the rules in the binary if none is given
    #[arg(value_name = "DIR")]
    dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Events are JSON lines as `rampart events --format json` prints them. One JSON line is printed for every rule \
that an event matches; `event` is the number of the event's line, from 0. Exit code 1 if a line is no event \
or a rule is refused; the others are evaluated all the same.

Examples:
  rampart rules eval --rules policies/ --events events.jsonl
  sudo rampart events --format json --for 60 | rampart rules eval --rules my-rules/ --events -")]
pub(crate) struct EvalArgs {
    /// Folder of rules, or a single file; may be given more than once
    #[arg(long, value_name = "DIR", required = true)]
    rules: Vec<PathBuf>,
    /// Events as JSON lines; `-` for stdin
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    #[command(flatten)]
    mode: ModeArgs,
}

#[derive(Debug, Clone, Copy, Args)]
struct ModeArgs {
    /// For rules of others: warn of fields, modifiers and tags that are not known here, and ask for no tests
    #[arg(long)]
    lenient: bool,
}

impl From<ModeArgs> for Mode {
    fn from(args: ModeArgs) -> Self {
        if args.lenient { Self::Lenient } else { Self::Strict }
    }
}

/// Runs a subcommand on the process's own streams.
pub(crate) fn rules(command: &RulesCommand) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr().lock();
    let now = Timestamp::from_nanos(wall_nanos());
    stop::ended(run(command, now, &mut out, &mut err).and_then(|exit| Ok(out.flush().map(|()| exit)?)))
}

/// Answers go to `out`, what kept them from being complete to `err`.
fn run(
    command: &RulesCommand,
    now: Timestamp,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Stop> {
    match command {
        RulesCommand::Check(args) => check::check(args, now, out),
        RulesCommand::List(args) => list::list(args, now, out, err),
        RulesCommand::Test(args) => test::test(args, out, err),
        RulesCommand::Eval(args) => eval::eval(args, out, err),
        RulesCommand::Bench(args) => bench::bench(args, out, err),
    }
}

/// Rules from folders, or those in the binary.
fn load(dirs: &[PathBuf], mode: Mode) -> Result<Loaded, Stop> {
    let loaded = if dirs.is_empty() { embedded() } else { load_paths(dirs, mode)? };
    if loaded.files == 0 {
        let dirs: Vec<_> = dirs.iter().map(|dir| dir.display().to_string()).collect();
        let message = format!("{}: no policy files there", dirs.join(", "));
        return Err(Stop::Fail(Failure::message(Exit::Unavailable, message)));
    }
    Ok(loaded)
}

fn write_problems(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    problems.iter().try_for_each(|problem| writeln!(out, "{problem}\n  help: {}", problem.help()))
}

/// Whether everything was taken that was to be loaded.
fn exit_of(loaded: &Loaded) -> Exit {
    if loaded.has_errors() { Exit::NotSo } else { Exit::Done }
}

#[cfg(test)]
mod tests;
