mod enroll;
mod status;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::{
    cli::Format,
    config::Config,
    exit::{Exit, Failure},
};

#[derive(Debug, Subcommand)]
pub(crate) enum WazuhCommand {
    /// Get a key from a manager and keep it, as the agent does when it has none
    #[command(after_help = "\
Exit codes: 0 there is a key, 1 a manager refuses to give one, 64 wrong configuration, 69 no manager answers.

Example:
  sudo rampart wazuh enroll --config /etc/rampart/rampart.yml")]
    Enroll(SinkArgs),
    /// Show how the running agent's connection to its managers is
    #[command(after_help = "\
Exit codes: 0 connected, 1 not connected, 64 wrong configuration, 69 no agent runs.

Example:
  sudo rampart wazuh status --config /etc/rampart/rampart.yml --format json | jq .manager")]
    Status {
        #[command(flatten)]
        sink: SinkArgs,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SinkArgs {
    /// Configuration file (YAML) of the agent
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The sink's name, where there are several for Wazuh's managers
    #[arg(long, value_name = "SINK")]
    name: Option<String>,
}

pub(crate) fn wazuh(command: &WazuhCommand) -> Result<Exit, Failure> {
    match command {
        WazuhCommand::Enroll(args) => enroll::enroll(args),
        WazuhCommand::Status { sink, format } => status::status(sink, *format),
    }
}

impl SinkArgs {
    fn load(&self) -> Result<Config, Failure> {
        Config::load(Some(&self.config)).map_err(|error| Failure::new(Exit::Usage, error))
    }
}
