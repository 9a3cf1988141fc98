use std::io::{self, IsTerminal as _};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// A log filter that is not understood.
#[derive(Debug, thiserror::Error)]
#[error("log filter `{filter}` is not understood: {source}; write a level such as info, or target=level,…")]
pub struct FilterError {
    /// What was asked for.
    filter: String,
    /// Why not.
    source: ParseError,
}

/// What libraries are not to say, unless somebody asks for it: an error for every request that an API server does not answer,
/// of which we say ourselves what it means, once.
const QUIET: &str = "kube_client=off";

/// Sends logs to stderr: coloured at a terminal, plain elsewhere. Stdout is for findings. To be called once.
///
/// # Errors
/// [`FilterError`] for a filter that is not understood.
pub fn init(filter: &str) -> Result<(), FilterError> {
    let parsed = EnvFilter::try_new(format!("{QUIET},{filter}"))
        .map_err(|source| FilterError { filter: filter.to_owned(), source })?;
    let subscriber = fmt()
        .with_env_filter(parsed)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .finish();
    // A second call changes nothing: the first subscriber stays.
    tracing::subscriber::set_global_default(subscriber).unwrap_or_default();
    Ok(())
}
