use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};

use super::{AgentKey, KeyError};
use crate::{FileError, file};

/// Most bytes of a key file. An agent's holds one line.
const FILE_BYTES: usize = 65_536;

/// Why a key file does not give a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is no key.
    #[error("{path}:{line}: {error}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        error: KeyError,
    },
}

/// Where an agent keeps its key: a file in the form of Wazuh's `client.keys`.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file at a path. There need not be one yet, but its folder must be there to store one.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the first key. None where there is no file, or nothing in it but comments and keys that were removed.
    ///
    /// # Errors
    /// [`KeyFileError`] for a file that cannot be read, and for a line that is no key: it is not passed over, for the agent
    /// would enrol again and be another one to its manager.
    pub fn load(&self) -> Result<Option<AgentKey>, KeyFileError> {
        let Some(bytes) = file::read(&self.path, FILE_BYTES)? else { return Ok(None) };
        let bytes = Zeroizing::new(bytes);
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let fault = |error| KeyFileError::Line { path: self.path.clone(), line: index + 1, error };
            let line = str::from_utf8(line).map_err(|_| fault(KeyError::Fields))?;
            if !is_passed_over(line) {
                return AgentKey::parse(line).map(Some).map_err(fault);
            }
        }
        Ok(None)
    }

    /// Puts a key in the place of whatever the file holds. There is the old file or the new one, whatever happens
    /// meanwhile; only its owner may read it.
    ///
    /// # Errors
    /// [`KeyFileError::File`] where it cannot be written.
    pub fn store(&self, key: &AgentKey) -> Result<(), KeyFileError> {
        let line: SecretString = format!("{}\n", key.to_line().expose_secret()).into();
        Ok(file::replace(&self.path, line.expose_secret().as_bytes())?)
    }
}

/// Comments, and keys whose name says that they were removed.
fn is_passed_over(line: &str) -> bool {
    let name = line.split(' ').nth(1).unwrap_or_default();
    line.trim_end().is_empty() || line.starts_with(['#', ' ']) || name.starts_with(['!', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "007 node7 any 0123456789abcdef0123456789abcdef";

    fn load(text: &str) -> Result<Option<AgentKey>, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let file = KeyFile::new(folder.path().join("client.keys"));
        std::fs::write(&file.path, text).map_err(|error| error.to_string())?;
        file.load().map_err(|error| error.to_string())
    }

    #[test]
    fn a_stored_key_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("client.keys"));
        assert!(file.load().unwrap().is_none());
        file.store(&AgentKey::parse(KEY).unwrap()).unwrap();
        assert_eq!(file.load().unwrap().unwrap().to_line().expose_secret(), KEY);
    }

    #[test]
    fn comments_and_removed_keys_are_passed_over() {
        let removed = KEY.replace("node7", "!node7");
        let key = load(&format!("# a comment\n\n not a key\n{removed}\n{KEY}\n008 second any x\n")).unwrap();
        assert_eq!(key.unwrap().id(), "007");
        assert!(load(&format!("#\n{removed}")).unwrap().is_none());
    }

    #[test]
    fn a_line_that_is_no_key_is_named_by_its_place_and_not_shown() {
        let error = load("# a comment\n007 node7 any too-short\n").unwrap_err();
        assert!(error.ends_with("client.keys:2: the key is not 32 to 256 visible characters"), "{error}");
    }
}
