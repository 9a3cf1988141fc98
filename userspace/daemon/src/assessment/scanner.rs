use std::{
    ffi::OsString,
    io::{self, BufReader},
    os::unix::process::CommandExt as _,
    process::{ChildStdout, Command, Stdio},
};

use anyhow::Context as _;

use super::Orders;

pub(super) type Answers = BufReader<ChildStdout>;

/// The process that scans, with the privileges that the agent had when it was started.
pub(crate) struct Scanner {
    orders: Orders,
    answers: Answers,
    pid: u32,
}

impl Scanner {
    /// Starts it.
    pub(crate) fn start(arguments: &[OsString]) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own path")?;
        let mut command = Command::new(program);
        command.args(["sca", "serve"]).args(arguments);
        // Of its own group: a Ctrl-C at a terminal is for the agent, which ends it.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn().context("starting the scanner")?;
        let taken = child.stdin.take().zip(child.stdout.take());
        let (requests, answers) = taken.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(Self { orders: Orders::new(requests), answers: BufReader::new(answers), pid: child.id() })
    }

    /// The process's number.
    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn split(self) -> (Orders, Answers) {
        (self.orders, self.answers)
    }
}
