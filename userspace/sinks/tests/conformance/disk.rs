use std::{fs, path::PathBuf};

use rampart_sinks::file::{Config, Lines};
use tempfile::TempDir;

use crate::destination::{Destination, Mood, Trouble};

/// A file.
#[derive(Debug)]
pub(crate) struct Disk(TempDir);

impl Disk {
    fn path(&self) -> PathBuf {
        self.0.path().join("findings")
    }

    fn moved(&self) -> PathBuf {
        self.0.path().join("moved")
    }
}

impl Destination for Disk {
    type Sink = Lines;
    /// A file that is moved away is begun anew.
    const TROUBLES: &[Trouble] = &[(Mood::Refusing, Some("findings: Is a directory")), (Mood::Closing, None)];
    const IS_CHOOSY: bool = false;

    async fn start() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn sink(&self) -> Lines {
        let config = Config { path: self.path(), max_bytes: 64 << 20, keep: 5 };
        config.build().unwrap()
    }

    async fn set(&mut self, mood: Mood) {
        match mood {
            Mood::Well => fs::remove_dir(self.path()).unwrap(),
            Mood::Refusing => {
                fs::rename(self.path(), self.moved()).unwrap();
                fs::create_dir_all(self.path()).unwrap();
            }
            _ => fs::rename(self.path(), self.moved()).unwrap(),
        }
    }

    fn arrived(&self) -> Vec<u8> {
        [fs::read(self.moved()).unwrap(), fs::read(self.path()).unwrap()].concat()
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}
