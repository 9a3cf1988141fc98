use std::{
    fmt,
    io::{self, Write as _},
    path::Path,
};

use rustix::io::Errno;
use serde_json::{Map, Value as Json};

/// What a deed did: one line of JSON.
#[derive(Debug)]
pub(crate) struct Report(Map<String, Json>);

/// The environment lacks what the deed needs.
#[derive(Debug)]
pub(crate) struct Lacking(pub(crate) String);

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Lacking {}

impl Report {
    /// Of a deed done by this process.
    pub(crate) fn new() -> Self {
        Self(Map::new()).with("pid", std::process::id())
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a path as it was given.
    pub(crate) fn path(self, key: &str, path: &Path) -> Self {
        self.with(key, path.to_string_lossy())
    }

    /// Adds the outcome of the one call that the deed is about.
    ///
    /// A kernel without that call is an error: then nothing was done.
    pub(crate) fn outcome<T>(self, result: Result<T, Errno>) -> anyhow::Result<Self> {
        match result {
            Ok(made) => {
                drop(made);
                Ok(self.with("success", true))
            }
            Err(Errno::NOSYS) => Err(Lacking("the kernel has no such call".to_owned()).into()),
            Err(errno) => {
                let report = self.with("success", false).with("errno", errno.raw_os_error());
                Ok(report.with("error", errno.to_string()))
            }
        }
    }

    pub(crate) fn into_json(self) -> Json {
        Json::Object(self.0)
    }

    pub(crate) fn print(self) -> io::Result<()> {
        writeln!(io::stdout(), "{}", self.into_json())
    }
}

/// The errno of an error of the standard library.
pub(crate) fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}
