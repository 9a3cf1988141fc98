//! One module for each subcommand.

mod completions;
mod events;
mod probe;
pub(crate) mod rules;
mod run;
pub(crate) mod sca;

use crate::{
    cli::Command,
    exit::{Exit, Failure},
};

pub(crate) fn dispatch(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Probe(args) => probe::probe(&args),
        Command::Events(args) => events::events(&args),
        Command::Rules(command) => rules::rules(&command),
        Command::Sca(command) => sca::sca(command),
        Command::Completions { shell } => completions::completions(shell),
    }
}
