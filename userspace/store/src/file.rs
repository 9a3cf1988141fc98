use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use redb::{Builder, Database, DatabaseError, backends::FileBackend};

use crate::StoreError;

/// Memory for pages of the file, in bytes.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// A file that is larger, in bytes, is made smaller when it is opened and there is little in it.
const COMPACT_BYTES: u64 = 32 * 1024 * 1024;

const FILE: &str = "rampart.redb";

/// The file. Where it cannot be had, each use tries again to open it.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    database: Option<Database>,
    /// How often it was opened: who has met an error of one opening does not judge the next.
    opening: u64,
}

impl Store {
    /// The file in a folder. Both are made when they are first used, and only their owner may enter and read them.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), state: RwLock::default() }
    }

    /// Does something with the database. An error of the disk closes it, because redb does nothing more after one; the next
    /// use opens it again.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_opening(|database, _| work(database))
    }

    /// The same for who has to know whether it is still what it was: the number of the opening.
    pub(crate) fn with_opening<T>(
        &self,
        work: impl FnOnce(&Database, u64) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.ensure_open()?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = &state.database else {
            return Err(self.unavailable(io::ErrorKind::NotConnected.into()));
        };
        let opening = state.opening;
        let done = work(database, opening);
        drop(state);
        match done {
            Err(StoreError::Database(error)) => Err(self.give_up(error, opening)),
            done => done,
        }
    }

    /// Gives back what the file does not need any more. Everybody else waits meanwhile.
    pub(crate) fn shrink(&self) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = &mut state.database else { return Ok(()) };
        match open.compact() {
            Ok(_) => Ok(()),
            Err(error) => {
                // As after any of its errors.
                state.database = None;
                Err(StoreError::Database(error.into()))
            }
        }
    }

    fn ensure_open(&self) -> Result<(), StoreError> {
        if self.state.read().unwrap_or_else(PoisonError::into_inner).database.is_some() {
            return Ok(());
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.database.is_none() {
            match self.open_file() {
                Err(StoreError::Database(error)) => return Err(self.put_aside(error)),
                opened => state.database = Some(opened?),
            }
            state.opening += 1;
        }
        drop(state);
        Ok(())
    }

    fn open_file(&self) -> Result<Database, StoreError> {
        let mut folders = DirBuilder::new();
        folders.recursive(true).mode(0o700);
        folders
            .create(&self.folder)
            .map_err(|error| StoreError::Unavailable { path: self.folder.clone(), error })?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            // A link in its place would have another file written to.
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(self.path())
            .map_err(|error| self.unavailable(error))?;
        let size = file.metadata().map_err(|error| self.unavailable(error))?.len();
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        match FileBackend::new(file).and_then(|file| builder.create_with_backend(file)) {
            Ok(mut database) => {
                compact(&mut database, size);
                Ok(database)
            }
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(StoreError::Taken(self.path())),
            Err(error) => Err(self.not_opened(error.into(), size)),
        }
    }

    fn not_opened(&self, error: redb::Error, size: u64) -> StoreError {
        match error {
            // The disk's error, and not the file's.
            redb::Error::Io(error) if error.kind() != io::ErrorKind::InvalidData => {
                if size == 0 {
                    // What was begun would be taken for a damaged file. Where it cannot be removed it is put aside.
                    fs::remove_file(self.path()).unwrap_or_default();
                }
                self.unavailable(error)
            }
            error => StoreError::Database(error),
        }
    }

    fn give_up(&self, error: redb::Error, opening: u64) -> StoreError {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have met it, too, and opened the file again or begun a new one.
        if state.opening != opening {
            return error.into();
        }
        let closed = state.database.take();
        let is_damaged = closed.is_some() && matches!(error, redb::Error::Corrupted(_));
        drop(closed);
        if is_damaged { self.put_aside(error) } else { error.into() }
    }

    fn put_aside(&self, error: redb::Error) -> StoreError {
        let path = self.path();
        match fs::rename(&path, path.with_extension("redb.damaged")) {
            Ok(()) => StoreError::Damaged { path, error: Box::new(error) },
            Err(error) => StoreError::Unavailable { path, error },
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    fn unavailable(&self, error: io::Error) -> StoreError {
        StoreError::Unavailable { path: self.path(), error }
    }
}

/// A long outage leaves a large file. Where that fails it stays large.
fn compact(database: &mut Database, size: u64) {
    if size <= COMPACT_BYTES || !is_mostly_empty(database, size).unwrap_or(false) {
        return;
    }
    if let Err(error) = database.compact() {
        tracing::warn!(%error, "the store's file stays as large as it is");
    }
}

fn is_mostly_empty(database: &Database, size: u64) -> Result<bool, redb::Error> {
    let write = database.begin_write()?;
    let used = write.stats()?.stored_bytes();
    write.abort()?;
    Ok(used < size / 4)
}
