use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::PathBuf,
};

use serde_json::Value as Json;

/// Most of a journal that is read at once, in bytes.
const MAX_JOURNAL: u64 = 256 << 20;

/// What managers have seen, each in a file of its own that grows.
#[derive(Debug)]
pub struct Journal {
    files: Vec<(&'static str, PathBuf)>,
}

/// A moment in a journal: how much of each file there was.
#[derive(Debug, Clone, Default)]
pub struct Mark(Vec<u64>);

/// Something that a manager has seen.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which manager.
    pub manager: &'static str,
    /// What.
    pub json: Json,
}

impl Journal {
    pub(crate) fn new(files: Vec<(&'static str, PathBuf)>) -> Self {
        Self { files }
    }

    /// Now.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let length = |path: &PathBuf| path.metadata().map_or(0, |data| data.len());
        Mark(self.files.iter().map(|(_, path)| length(path)).collect())
    }

    /// All lines since then, of all managers; what is half written is left for later.
    ///
    /// # Errors
    /// When a file cannot be read, or a line is none.
    pub fn since(&self, mark: &Mark) -> anyhow::Result<Vec<Line>> {
        let mut lines = Vec::new();
        for ((manager, path), begin) in self.files.iter().zip(mark.0.iter().chain(std::iter::repeat(&0))) {
            let Ok(mut file) = File::open(path) else { continue };
            file.seek(SeekFrom::Start(*begin))?;
            let mut text = String::new();
            (&mut file).take(MAX_JOURNAL).read_to_string(&mut text)?;
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            for line in whole.lines() {
                lines.push(Line { manager, json: serde_json::from_str(line)? });
            }
        }
        Ok(lines)
    }
}
