//! What `c:` rules ask of the host.

use std::{
    borrow::Cow,
    io,
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::io::Errno;
use thiserror::Error;

use super::{
    Cause, Host, Launcher, argv,
    child::{End, Remains, Running},
    launch, output,
};

/// The exit code of a command that is not there, and of whatever else chooses it.
const NOT_EXECUTED: i32 = 127;

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutcome {
    /// How it ended, or why it says nothing.
    pub ending: Result<Ending, CommandFault>,
    /// What it wrote to stdout and stderr, in that order in which it did; up to the limit also of one that has no result.
    pub output: Vec<u8>,
    /// How long it ran, without the time in which it was stopped for the sake of the CPU share.
    pub ran: Duration,
    /// CPU time that it and those it waited for have used, in steps of 10 ms.
    pub cpu: Duration,
}

/// How a command ended that says something. Rules do not look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal.
    Killed(i32),
}

/// Why a command says nothing. The texts of the first two are the stock agent's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandFault {
    /// It cannot be executed, or has ended with the exit code 127, which says the same.
    #[error("Invalid path or wrong permissions to run command '{command}'")]
    NotExecuted {
        /// As the policy has it.
        command: Arc<str>,
        /// Why it could not be executed; none when it was, and chose the exit code itself.
        cause: Option<Arc<str>>,
    },
    /// It ran longer than [`super::Limits::command_time`].
    #[error("Timeout overtaken running command '{command}'")]
    TimedOut {
        /// As the policy has it.
        command: Arc<str>,
    },
    /// It wrote more than [`super::Limits::command_bytes`].
    #[error("Output of command '{command}' is larger than {bytes} bytes")]
    TooMuch {
        /// As the policy has it.
        command: Arc<str>,
        /// The limit.
        bytes: usize,
    },
    /// There was no way to run it where it belongs.
    #[error("Could not launch command '{command}': {cause}")]
    Unlaunched {
        /// As the policy has it.
        command: Arc<str>,
        /// What stood in the way.
        cause: Arc<str>,
    },
}

impl CommandOutcome {
    /// The lines of the output as the stock agent sees them: at least one, at most 256.
    pub fn lines(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        output::lines(&self.output)
    }

    fn failed(fault: CommandFault) -> Self {
        Self { ending: Err(fault), output: Vec::new(), ran: Duration::ZERO, cpu: Duration::ZERO }
    }
}

impl Host {
    /// Runs a command and waits for it, after the pause that earlier work costs. No shell is involved, its input is empty,
    /// and it is the host's.
    pub fn run(&self, command: &str) -> CommandOutcome {
        self.governor.rest();
        if self.leftovers.are_too_many() {
            let cause = "too many earlier commands cannot be killed".into();
            return CommandOutcome::failed(CommandFault::Unlaunched { command: command.into(), cause });
        }
        let started = Instant::now();
        let outcome = match self.start(command) {
            Ok(running) => running.follow(&self.leftovers),
            Err(error) if self.is_of_command(&error) => {
                let cause = Some(Cause::from(&error).to_string().into());
                return CommandOutcome::failed(CommandFault::NotExecuted { command: command.into(), cause });
            }
            Err(error) => Err(error),
        };
        self.governor.pay_children(started);
        match outcome {
            Ok(remains) => self.outcome(command, remains),
            Err(error) => {
                let cause = error.to_string().into();
                CommandOutcome::failed(CommandFault::Unlaunched { command: command.into(), cause })
            }
        }
    }

    fn start(&self, command: &str) -> io::Result<Running<'_>> {
        let (reader, writer) = io::pipe()?;
        let child = self.launcher.start(self.root.path(), &argv::words(command), writer)?;
        Running::new(child, reader, &self.limits, self.governor.turns())
    }

    fn outcome(&self, command: &str, remains: Remains) -> CommandOutcome {
        let command = || command.into();
        let ending = match (remains.end, remains.status.map(ending)) {
            (End::TooMuch, _) => {
                Err(CommandFault::TooMuch { command: command(), bytes: self.limits.command_bytes })
            }
            (End::TimedOut, _) | (End::Itself, None) => Err(CommandFault::TimedOut { command: command() }),
            (End::Itself, Some(Ending::Exited(NOT_EXECUTED))) => {
                Err(not_executed(command(), &remains.output))
            }
            (End::Itself, Some(ending)) => Ok(ending),
        };
        let mut output = remains.output;
        if launch::said(&output).is_some() {
            output.clear();
        }
        output.truncate(self.limits.command_bytes);
        CommandOutcome { ending, output, ran: remains.ran, cpu: remains.cpu }
    }

    /// Whether the command is what could not be executed, and not the trampoline or anything at all.
    fn is_of_command(&self, error: &io::Error) -> bool {
        let none_left = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE];
        matches!(self.launcher, Launcher::Direct)
            && Errno::from_io_error(error).is_none_or(|errno| !none_left.contains(&errno))
    }
}

fn not_executed(command: Arc<str>, output: &[u8]) -> CommandFault {
    match launch::said(output) {
        None => CommandFault::NotExecuted { command, cause: None },
        Some(said) => match said.strip_prefix(launch::EXECUTE) {
            Some(cause) => CommandFault::NotExecuted { command, cause: Some(cause.into()) },
            None => CommandFault::Unlaunched { command, cause: said.into() },
        },
    }
}

fn ending(status: ExitStatus) -> Ending {
    // A process that was waited for has one of them.
    status.code().map_or_else(|| Ending::Killed(status.signal().unwrap_or_default()), Ending::Exited)
}
