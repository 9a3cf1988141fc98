//! What managers of one cluster share, and find again when they are started anew: a folder.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use rampart_testkit::manager::{KeyStore, Manager, ManagerBuilder};
use serde_json::Value;

const KEYS: &str = "client.keys";
const AUTHORITY: &str = "authority.pem";
const AUTHORITY_KEY: &str = "authority.key";

/// Most that is kept of what was seen, in bytes; beyond it a manager ends, since whoever reads would miss something.
const JOURNAL_BYTES: u64 = 1 << 30;

/// The folder, as one manager uses it.
pub(crate) struct Data {
    folder: PathBuf,
    /// Everything that it has seen, also before it was started.
    journal: File,
    written: u64,
    /// As they were read or written last.
    keys: String,
    is_worker: bool,
}

impl Data {
    /// Opens it for the manager of that name.
    pub(crate) fn open(folder: &Path, name: &str, is_worker: bool) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let journal = folder.join(name).with_extension("jsonl");
        let journal = OpenOptions::new().create(true).append(true).open(journal)?;
        let written = journal.metadata()?.len();
        Ok(Self { folder: folder.to_owned(), journal, written, keys: String::new(), is_worker })
    }

    /// The master has the authority that it had before.
    pub(crate) fn authority(&self, builder: ManagerBuilder) -> io::Result<ManagerBuilder> {
        if self.is_worker {
            return Ok(builder);
        }
        Ok(match read(&self.folder.join(AUTHORITY_KEY))? {
            Some(key) => builder.authority_key(&key),
            None => builder,
        })
    }

    /// Keeps the authority, unless it is kept.
    pub(crate) fn keep_authority(&self, manager: &Manager) -> io::Result<()> {
        let key = self.folder.join(AUTHORITY_KEY);
        if self.is_worker || key.exists() {
            return Ok(());
        }
        replace(&self.folder.join(AUTHORITY), manager.authority_pem())?;
        replace(&key, manager.authority_key_pem())
    }

    /// The master's keys are written, for the workers to read.
    pub(crate) fn share_keys(&mut self, keys: &KeyStore) -> io::Result<()> {
        if self.is_worker {
            return self.read_keys(keys);
        }
        let lines = keys.lines();
        if lines != self.keys {
            replace(&self.folder.join(KEYS), &lines)?;
            self.keys = lines;
        }
        Ok(())
    }

    /// Takes over what is there: at its start the master, at any time a worker.
    pub(crate) fn read_keys(&mut self, keys: &KeyStore) -> io::Result<()> {
        let lines = read(&self.folder.join(KEYS))?.unwrap_or_default();
        if lines != self.keys {
            keys.follow(&lines)?;
            self.keys = lines;
        }
        Ok(())
    }

    pub(crate) fn write(&mut self, line: &Value) -> io::Result<()> {
        let line = format!("{line}\n");
        self.written += line.len() as u64;
        if self.written > JOURNAL_BYTES {
            return Err(io::Error::other(format!("more than {JOURNAL_BYTES} bytes were seen")));
        }
        self.journal.write_all(line.as_bytes())
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, path)
}
