use std::io;

use rampart_policy::SourceError;

use crate::exit::{Exit, Failure};

/// Why a subcommand that prints ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// What it prints to is gone or full.
    Write(io::Error),
    /// Anything else.
    Fail(Failure),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Fail(Failure::new(Exit::Unavailable, error))
    }
}

/// How a subcommand ended that prints to stdout.
pub(super) fn ended(result: Result<Exit, Stop>) -> Result<Exit, Failure> {
    match result {
        // The reader has seen enough.
        Err(Stop::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(Stop::Write(error)) => Err(Failure::new(Exit::Internal, error)),
        Err(Stop::Fail(failure)) => Err(failure),
        Ok(exit) => Ok(exit),
    }
}
