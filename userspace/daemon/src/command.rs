//! One module for each subcommand.

mod completions;
mod events;
mod probe;
pub(crate) mod rules;
mod run;
pub(crate) mod sca;
mod stop;
pub(crate) mod wazuh;

use std::process::ExitCode;

use crate::{cli::Command, exit::Failure};

pub(crate) fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    let exit = match command {
        // May end as a command that it runs.
        Command::Sca(command) => return sca::sca(command),
        Command::Run(args) => run::run(&args),
        Command::Probe(args) => probe::probe(&args),
        Command::Events(args) => events::events(&args),
        Command::Rules(command) => rules::rules(&command),
        Command::Wazuh(command) => wazuh::wazuh(&command),
        Command::Completions { shell } => completions::completions(shell),
    }?;
    Ok(exit.into())
}
