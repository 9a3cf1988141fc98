use std::fmt::Display;

use rampart_kernel::LoadError;

/// Exit codes. 64 and above are those of sysexits.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The thing asked about is not so.
    NotSo = 1,
    /// Wrong usage or configuration.
    Usage = 64,
    /// Something needed is not there.
    Unavailable = 69,
    /// Something broke that should not.
    Internal = 70,
    /// Not permitted.
    NotPermitted = 77,
}

/// An error with the exit code that it leads to.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    error: anyhow::Error,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into() }
    }

    pub(crate) fn message(
        exit: Exit,
        message: impl Display + Send + Sync + std::fmt::Debug + 'static,
    ) -> Self {
        Self { exit, error: anyhow::Error::msg(message) }
    }

    /// Writes the error and its causes to stderr.
    #[expect(clippy::print_stderr, reason = "the one place where errors leave the program")]
    pub(crate) fn report(&self) {
        eprintln!("rampart: {:#}", self.error);
    }
}

/// What is not told apart more finely broke inside.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { exit: Exit::Internal, error }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        let exit = match &error {
            LoadError::NotPermitted(_) => Exit::NotPermitted,
            LoadError::NoPrograms
            | LoadError::TooOld { .. }
            | LoadError::NoBtf { .. }
            | LoadError::Btf(_)
            | LoadError::Resolve(_)
            | LoadError::NoHooks(_) => Exit::Unavailable,
            LoadError::Object(_) | LoadError::Map { .. } | LoadError::Cpus { .. } => Exit::Internal,
        };
        Self::new(exit, error)
    }
}

/// Prints clap's message. Asking for help or the version is no error.
pub(crate) fn of_usage(error: &clap::Error) -> Exit {
    // A closed stdout leaves nobody to tell.
    error.print().unwrap_or_default();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}
