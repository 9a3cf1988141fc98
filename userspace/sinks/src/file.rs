//! Findings in a file: one JSON object a line, turned over by size.

mod journal;

use std::{
    ops::RangeInclusive,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rampart_bus::{Encode, Message, Sink, SinkError};
use rampart_model::Finding;
use serde::Deserialize;

use self::journal::Journal;
use crate::{ConfigError, Json};

/// Smaller files hold no finding that is worth a file; larger ones nobody opens.
const SIZES: RangeInclusive<u64> = 64 << 10..=1 << 40;

const KEPT: RangeInclusive<u32> = 1..=1000;

/// Where the file is, and how much of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file, by its absolute path. Its folder is made if need be, so that only we may enter it.
    pub path: PathBuf,
    /// A file that would become larger is turned over: `path` becomes `path.1`, that becomes `path.2`, and so on. 64 MiB if not
    /// given.
    #[serde(default = "max_bytes")]
    pub max_bytes: u64,
    /// So many old files are kept; 5 if not given.
    #[serde(default = "keep")]
    pub keep: u32,
}

const fn max_bytes() -> u64 {
    64 << 20
}

const fn keep() -> u32 {
    5
}

impl Config {
    /// Looks at what can be known without the file.
    ///
    /// # Errors
    /// [`ConfigError`] names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !self.path.is_absolute() || self.path.file_name().is_none() {
            let what = format!("{} is not the absolute path of a file", self.path.display());
            return Err(ConfigError::new("path", what));
        }
        ConfigError::unless_within("max_bytes", self.max_bytes, &SIZES)?;
        ConfigError::unless_within("keep", self.keep, &KEPT)
    }

    /// The form in which findings are kept for this sink.
    #[must_use]
    pub const fn encoder(&self) -> Json {
        Json::Line
    }

    /// The sink. The file is opened when there is something to write.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn build(&self) -> Result<Lines, ConfigError> {
        self.validate()?;
        let journal = Journal::new(self.path.clone(), self.max_bytes, self.keep);
        Ok(Lines { journal: Arc::new(Mutex::new(journal)) })
    }
}

/// Writes lines to a file that only its owner may read. What was taken is on the disk.
///
/// A file that somebody moves away or deletes is begun anew. A disk that is full or does not answer holds findings back, and
/// leaves no half line.
#[derive(Debug)]
pub struct Lines {
    journal: Arc<Mutex<Journal>>,
}

impl Encode for Lines {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        Json::Line.encode(finding)
    }
}

impl Sink for Lines {
    /// Disks can take their time, and nobody else's task should wait for them: so it is done on a thread that may block.
    async fn send(&mut self, messages: &[Arc<Message>]) -> Result<usize, SinkError> {
        let (journal, messages) = (Arc::clone(&self.journal), messages.to_vec());
        let write = move || journal.lock().unwrap_or_else(PoisonError::into_inner).write(&messages);
        match tokio::task::spawn_blocking(write).await {
            Ok(written) => written.map_err(SinkError::retryable),
            Err(error) => Err(SinkError::retryable(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_configuration_is_complete_with_a_path() {
        let config: Config = serde_json::from_value(json!({ "path": "/var/log/rampart/findings" })).unwrap();
        assert_eq!((config.max_bytes, config.keep, config.validate()), (67_108_864, 5, Ok(())));
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (config, expected) in [
            (json!({ "path": "findings" }), "path: findings is not the absolute path of a file"),
            (json!({ "path": "/a", "keep": 0 }), "keep: 0 is not from 1 to 1000"),
            (json!({ "path": "/a", "max_bytes": 1 }), "max_bytes: 1 is not from 65536 to 1099511627776"),
        ] {
            let config: Config = serde_json::from_value(config).unwrap();
            assert_eq!(config.build().unwrap_err().to_string(), expected);
        }
        assert!(serde_json::from_value::<Config>(json!({ "path": "/a", "mode": 1 })).is_err());
    }
}
