use std::io;

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::{
    cli::Cli,
    exit::{Exit, Failure},
};

#[expect(clippy::unnecessary_wraps, reason = "every command has this form")]
pub(crate) fn completions(shell: Shell) -> Result<Exit, Failure> {
    generate(shell, &mut Cli::command(), "rampart", &mut io::stdout());
    Ok(Exit::Done)
}
