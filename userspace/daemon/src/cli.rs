use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use rampart_kernel::HookChoice;
use rampart_model::EventKind;

/// Node security for Kubernetes: detects what attackers do, and says which controls it answers.
#[derive(Debug, Parser)]
#[command(name = "rampart", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the node agent: kernel events in, findings out
    Run(RunArgs),
    /// Show what this kernel offers, what would be attached, what is missing and why
    Probe(ProbeArgs),
    /// Show decoded, enriched events as they happen
    Events(EventsArgs),
    /// Check, list and test detection rules
    #[command(subcommand)]
    Rules(crate::command::rules::RulesCommand),
    /// Scan how a host is set up, against policies in Wazuh's format
    #[command(subcommand)]
    Sca(crate::command::sca::ScaCommand),
    /// Enrol at a Wazuh manager, and show how the connection is
    #[command(subcommand)]
    Wazuh(crate::command::wazuh::WazuhCommand),
    /// Print shell completions
    #[command(after_help = "Example:\n  rampart completions bash > /etc/bash_completion.d/rampart")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without a configuration the embedded policies are in force and findings go to stdout: JSON lines in a pipe, \
readable lines at a terminal. Logs go to stderr. SIGINT or SIGTERM ends it after what was seen is delivered.

Examples:
  sudo rampart run
  sudo rampart run --config /etc/rampart/rampart.yml | jq .message")]
pub(crate) struct RunArgs {
    /// Configuration file (YAML)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sudo rampart probe --format json | jq '.hooks[] | select(.attached | not)'"
)]
pub(crate) struct ProbeArgs {
    /// Which hooks may be used: the best that the kernel allows, or tracepoints only
    #[arg(long, value_enum, default_value_t = Hooks::Auto)]
    pub(crate) hooks: Hooks,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sudo rampart events --kind exec,connect
  sudo rampart events --kind file --watch /etc --watch /root/.ssh
  sudo rampart events --format json --for 60 > events.jsonl     # for `rampart rules eval`")]
pub(crate) struct EventsArgs {
    /// Only these kinds: exec, exec_failed, fork, exit, connect, socket, mount, namespace, file, descriptor, access, memfd,
    /// module, bpf, credentials, signal, io_uring, cpu
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    pub(crate) kind: Vec<EventKind>,
    /// File events below this path only; may be given several times. Without this and the next two: changes in system
    /// folders, reads of files that hold secrets, and `--watch-setuid`
    #[arg(long, value_name = "PATH")]
    pub(crate) watch: Vec<String>,
    /// Files made below this path, and what else is done there not; may be given several times
    #[arg(long, value_name = "PATH")]
    pub(crate) watch_created: Vec<String>,
    /// Modes with the set-user-ID or set-group-ID bit, whatever the path
    #[arg(long)]
    pub(crate) watch_setuid: bool,
    /// Which hooks may be used: the best that the kernel allows, or tracepoints only
    #[arg(long, value_enum, default_value_t = Hooks::Auto)]
    pub(crate) hooks: Hooks,
    /// How to print them; at a terminal a table, else JSON lines
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Stop after so many seconds
    #[arg(long = "for", value_name = "SECS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: Option<u32>,
}

/// Which hooks may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hooks {
    /// The best that the kernel allows
    #[default]
    Auto,
    /// Tracepoints only
    Tracepoints,
}

impl From<Hooks> for HookChoice {
    fn from(hooks: Hooks) -> Self {
        match hooks {
            Hooks::Auto => Self::Auto,
            Hooks::Tracepoints => Self::Tracepoints,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

fn kind(name: &str) -> Result<EventKind, String> {
    let known = || EventKind::ALL.map(EventKind::name).join(", ");
    EventKind::from_name(name).ok_or_else(|| format!("the kinds are {}", known()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn kinds_are_a_list() {
        let cli = Cli::try_parse_from(["rampart", "events", "--kind", "exec,mount", "--for", "5"]).unwrap();
        let Command::Events(events) = cli.command else { panic!("{cli:?}") };
        assert_eq!(events.kind, [EventKind::Exec, EventKind::Mount]);
        assert!(Cli::try_parse_from(["rampart", "events", "--kind", "nonsense"]).is_err());
    }
}
