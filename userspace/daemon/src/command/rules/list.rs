//! `rampart rules list`: what there is, and what of ATT&CK and of the frameworks it answers.

mod control;
mod entry;
mod exception;
pub(super) mod navigator;
mod rule;
mod table;
mod tactic;
mod technique;

use std::{io::Write, path::PathBuf};

use clap::{Args, ValueEnum};
use rampart_model::Timestamp;
use rampart_policy::Loaded;

use self::entry::Entry;
pub(super) use self::exception::day;
pub(in crate::command) use self::table::printable;
use super::{ModeArgs, Stop, exit_of, load, write_problems};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
#[command(after_help = "\
Correlations are rules among others. Rules that raise no finding by themselves are listed, and answer nothing. \
A rule's scenario is what was done on a real kernel to see it fire; `builtin` as DIR stands for the rules in the binary.

The JSON is an array, with more keys as time goes by, and these for certain:
- by rule: id, title, kind (rule or correlation), level, status, category, silent, techniques, controls, description, \
falsepositives, tests, scenario, file, line
- by technique, those that a rule answers: id, name, tactics (id, name), rules (id, title, level)
- by tactic: id, name, techniques (ids that a rule answers), of (how many it has), rules (id, title, level)
- by control, of each framework: framework, version, answered, of, controls (id, title, family, rules)
- exceptions: id, title, owner, reason, expires, expired, category, rules (id, title), file, line

navigator is a layer for the ATT&CK Navigator, in format 4.5: the score is the number of rules.

Examples:
  rampart rules list
  rampart rules list --format json policies/ | jq '.[] | select(.level == \"critical\") | .title'
  rampart rules list --by control
  rampart rules list --format navigator > layer.json
  rampart rules list --exceptions policies/")]
pub(crate) struct ListArgs {
    /// Folders of rules, or single files; the rules in the binary if none is given
    #[arg(value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// What the rules are listed by [default: rule]
    #[arg(long, value_enum)]
    by: Option<By>,
    /// List what is excepted from the rules, and until when
    #[arg(long, conflicts_with = "by")]
    exceptions: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
    #[command(flatten)]
    mode: ModeArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Each with its techniques and controls
    Rule,
    /// ATT&CK's techniques that a rule answers
    Technique,
    /// ATT&CK's tactics
    Tactic,
    /// The frameworks' controls that a rule answers
    Control,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For the ATT&CK Navigator
    Navigator,
}

pub(super) fn list(
    args: &ListArgs,
    now: Timestamp,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Stop> {
    if args.format == ListFormat::Navigator
        && (args.exceptions || !matches!(args.by, None | Some(By::Technique)))
    {
        let message = "--format navigator shows techniques: it goes with --by technique only";
        return Err(Stop::Fail(Failure::message(Exit::Usage, message)));
    }
    let loaded = load(&args.dirs, args.mode.into())?;
    write_problems(err, &loaded.problems)?;
    if args.exceptions {
        let exceptions = exception::all(&loaded.rules, now);
        match args.format {
            ListFormat::Json => writeln!(out, "{:#}", exception::json(&exceptions))?,
            _ => exception::table(&exceptions).write(out)?,
        }
    } else {
        write(args, &loaded, out)?;
    }
    Ok(exit_of(&loaded))
}

fn write(args: &ListArgs, loaded: &Loaded, out: &mut dyn Write) -> std::io::Result<()> {
    let entries = Entry::all(&loaded.rules);
    // Nobody hears of the others.
    let telling: Vec<_> = entries.iter().filter(|entry| !entry.silent).collect();
    let json = match (args.by.unwrap_or(By::Rule), args.format) {
        (_, ListFormat::Navigator) => navigator::layer(&loaded.catalogue, &telling),
        (By::Rule, ListFormat::Table) => return rule::write(&entries, out),
        (By::Rule, ListFormat::Json) => rule::json(&entries),
        (By::Technique, ListFormat::Table) => return technique::table(&telling).write(out),
        (By::Technique, ListFormat::Json) => technique::json(&telling),
        (By::Tactic, ListFormat::Table) => return tactic::table(&loaded.catalogue, &telling).write(out),
        (By::Tactic, ListFormat::Json) => tactic::json(&loaded.catalogue, &telling),
        (By::Control, ListFormat::Table) => return control::write(&loaded.catalogue, &telling, out),
        (By::Control, ListFormat::Json) => control::json(&loaded.catalogue, &telling),
    };
    writeln!(out, "{json:#}")
}
