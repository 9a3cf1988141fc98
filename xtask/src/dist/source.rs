//! What is built: the version, and the commit with its time.

use std::{env, process::Command};

use anyhow::{Context, Result};

use crate::{command, workspace::Workspace};

/// The variable by which builds are told what time it is, of reproducible-builds.org.
const EPOCH_VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The state of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The commit, with `-dirty` behind it where files differ from it.
    pub(super) revision: String,
    /// Seconds since 1970: everything made of the same sources is of the same time.
    pub(super) time: u64,
}

impl Source {
    /// Asks git. Where there is no history, as in an archive of the sources, the commit is unknown.
    pub(super) fn of(workspace: &Workspace) -> Result<Self> {
        let git = |arguments: &[&str]| {
            command::capture(Command::new("git").args(arguments).current_dir(workspace.root()))
        };
        let revision = git(&["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"])
            .unwrap_or_else(|_| "unknown".to_owned());
        let time = env::var(EPOCH_VARIABLE)
            .or_else(|_| git(&["log", "-1", "--format=%ct"]))
            .unwrap_or_else(|_| "0".to_owned());
        let time = time.parse().with_context(|| format!("{EPOCH_VARIABLE} is {time}"))?;
        Ok(Self { revision, time })
    }

    /// The workspace's version: that of every package in it.
    pub(super) fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The time as labels have it.
    pub(super) fn timestamp(&self) -> Result<String> {
        let time = format!("--date=@{}", self.time);
        command::capture(Command::new("date").args(["--utc", &time, "+%Y-%m-%dT%H:%M:%SZ"]))
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn a_time_is_written_as_labels_have_it() {
        let source = Source { revision: String::new(), time: 1_700_000_000 };
        assert_eq!(source.timestamp().unwrap(), "2023-11-14T22:13:20Z");
    }
}
