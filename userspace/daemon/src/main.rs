//! `rampart`: prevents, detects, fixes and proves on every node of a Kubernetes cluster.

#![forbid(unsafe_code)]

mod assessment;
mod cli;
mod command;
mod completion;
mod config;
mod delivery;
mod episode;
mod exit;
mod feed;
mod instance;
mod loss;
mod node;
mod pipeline;
mod pods;
mod policies;
mod results;
mod sampling;
mod watcher;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{cli::Cli, exit::Exit};

fn main() -> ExitCode {
    rampart_kernel::look_up_without_modules();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::of_usage(&error).into(),
    };
    match command::dispatch(cli.command) {
        Ok(code) => code,
        Err(failure) => {
            failure.report();
            failure.exit.into()
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
