//! What the agent keeps over restarts: documents by key, in tables, in one file that survives a crash at any point.
//!
//! One process at a time has it open. What is read from it is input as any other: a file that somebody has changed gives
//! an error, not a panic.

#![forbid(unsafe_code)]

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    marker::PhantomData,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use redb::{
    Builder, Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, TableDefinition, TableError,
    backends::FileBackend,
};
use serde::{Serialize, de::DeserializeOwned};

/// Largest document, as JSON, in bytes.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// Memory for pages of the file, in bytes.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

const FILE: &str = "rampart.redb";

/// Why something is not kept, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or entered, or the file cannot be opened.
    #[error("{path}: {error}")]
    Unavailable {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        error: io::Error,
    },
    /// Another process has it open.
    #[error("{0}: another process has it open")]
    Taken(PathBuf),
    /// It cannot be read or written: it is damaged, or the disk is full.
    #[error("{0}")]
    Database(#[from] redb::Error),
    /// A document is not what it should be.
    #[error("`{key}` of `{table}`: {error}")]
    Document {
        /// The table.
        table: &'static str,
        /// The key.
        key: String,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// A document is larger than [`DOCUMENT_BYTES`].
    #[error("`{key}` of `{table}` is larger than {DOCUMENT_BYTES} bytes")]
    TooLarge {
        /// The table.
        table: &'static str,
        /// The key.
        key: String,
    },
}

/// The file.
#[derive(Debug)]
pub struct Store(Database);

impl Store {
    /// Opens it, or makes it: a folder and a file that only their owner may enter and read.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened, or is damaged beyond what it can repair.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let unavailable = |path: &Path, error| StoreError::Unavailable { path: path.to_owned(), error };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| unavailable(folder, error))?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            // A link in its place would have another file written to.
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(&path)
            .map_err(|error| unavailable(&path, error))?;
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        match FileBackend::new(file).and_then(|file| builder.create_with_backend(file)) {
            Ok(database) => Ok(Self(database)),
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(StoreError::Taken(path)),
            Err(error) => Err(StoreError::Database(error.into())),
        }
    }

    /// As [`open`](Self::open); a file that is damaged is put aside, under the same name with `.damaged`, and begun anew.
    /// Tells whether that was so.
    ///
    /// # Errors
    /// As [`open`](Self::open), for all else.
    pub fn open_or_begin(folder: &Path) -> Result<(Self, bool), StoreError> {
        match Self::open(folder) {
            Ok(store) => Ok((store, false)),
            Err(StoreError::Database(_)) => {
                let path = folder.join(FILE);
                let aside = path.with_extension("redb.damaged");
                fs::rename(&path, &aside).map_err(|error| StoreError::Unavailable { path, error })?;
                Ok((Self::open(folder)?, true))
            }
            Err(error) => Err(error),
        }
    }

    /// The documents of a table.
    #[must_use]
    pub const fn table<T>(&self, name: &'static str) -> Table<'_, T> {
        Table { store: self, name, of: PhantomData }
    }
}

/// Documents of one kind, by key.
#[derive(Debug)]
pub struct Table<'s, T> {
    store: &'s Store,
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Table<'_, T> {
    const fn definition(&self) -> TableDefinition<'static, &'static str, &'static [u8]> {
        TableDefinition::new(self.name)
    }

    /// All documents, by key.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read, or one of them is not what it should be.
    pub fn all(&self) -> Result<Vec<(String, T)>, StoreError> {
        let read = self.store.0.begin_read().map_err(redb::Error::from)?;
        let table = match read.open_table(self.definition()) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(redb::Error::from(error).into()),
        };
        let mut documents = Vec::new();
        for entry in table.iter().map_err(redb::Error::from)? {
            let (key, value) = entry.map_err(redb::Error::from)?;
            let key = key.value().to_owned();
            let document = serde_json::from_slice(value.value());
            let document = document.map_err(|error| self.wrong(&key, error))?;
            documents.push((key, document));
        }
        Ok(documents)
    }

    /// Puts these documents in place of all that there were; after a crash there are either the old or the new.
    ///
    /// # Errors
    /// [`StoreError`] when that cannot be written; then the old ones are still there.
    pub fn replace<'k>(&self, documents: impl IntoIterator<Item = (&'k str, T)>) -> Result<(), StoreError> {
        let write = self.store.0.begin_write().map_err(redb::Error::from)?;
        {
            let mut table = write.open_table(self.definition()).map_err(redb::Error::from)?;
            table.retain(|_, _| false).map_err(redb::Error::from)?;
            for (key, document) in documents {
                let json = serde_json::to_vec(&document).map_err(|error| self.wrong(key, error))?;
                if json.len() > DOCUMENT_BYTES {
                    return Err(StoreError::TooLarge { table: self.name, key: key.to_owned() });
                }
                table.insert(key, json.as_slice()).map_err(redb::Error::from)?;
            }
        }
        write.commit().map_err(redb::Error::from)?;
        Ok(())
    }

    fn wrong(&self, key: &str, error: serde_json::Error) -> StoreError {
        StoreError::Document { table: self.name, key: key.to_owned(), error }
    }
}
