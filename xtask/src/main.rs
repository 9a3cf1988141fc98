//! Every automation of this repository, as `cargo xtask COMMAND`.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its terminal")]

mod archive;
mod bench;
mod build;
mod ci;
mod cluster;
mod codegen;
mod command;
mod debian;
mod dist;
mod outcome;
mod patience;
mod privilege;
mod probe;
mod run;
mod setup;
mod test;
mod tidy;
mod vm;
mod workspace;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{bench::Bench, build::Profile, setup::Scope, workspace::Workspace};

/// The automations of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install whatever building, testing and the gates lack on this machine.
    Setup,
    /// Build the daemon with its eBPF programs.
    Build {
        /// Build what is shipped.
        #[arg(long)]
        release: bool,
    },
    /// Build the daemon and run it as root.
    Run {
        /// Passed on to `rampart run`.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Run all tests; those of the kernel side run as root.
    Test,
    /// Run the scenarios on other kernels, each booted in an emulator.
    Vm(vm::Options),
    /// A Kubernetes cluster of one node on this machine. As root.
    #[command(subcommand, after_help = cluster::EXAMPLES)]
    Cluster(cluster::Action),
    /// Make what is shipped, in target/dist: binary, image, chart, and their digests.
    Dist(dist::Options),
    /// Write the files that are made from others: pages of docs, and the rules of a Wazuh manager.
    Codegen {
        /// Write nothing, and fail when one is not up to date.
        #[arg(long)]
        check: bool,
    },
    /// Measure, and print the figures beside the goals.
    #[command(subcommand)]
    Bench(Bench),
    /// Run every gate, then all tests.
    Ci,
    /// Check the rules about crates and files that the compiler does not know.
    Tidy,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<()> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Setup => setup::run(&workspace, Scope::Everything),
        Task::Build { release } => {
            build::run(&workspace, if release { Profile::Release } else { Profile::Debug })
        }
        Task::Run { arguments } => run::run(&workspace, &arguments),
        Task::Test => test::run(&workspace),
        Task::Vm(options) => vm::run(&workspace, &options),
        Task::Cluster(action) => cluster::run(&workspace, &action),
        Task::Dist(options) => dist::run(&workspace, &options),
        Task::Codegen { check: true } => codegen::check(&workspace),
        Task::Codegen { check: false } => codegen::write(&workspace),
        Task::Bench(bench) => bench::run(&workspace, &bench),
        Task::Ci => ci::run(&workspace),
        Task::Tidy => tidy::run(&workspace),
    }
}
