use std::{io, path::PathBuf};

use crate::DOCUMENT_BYTES;

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
    /// It cannot be read or written: the disk is full or broken.
    #[error("{0}")]
    Database(#[from] redb::Error),
    /// What is in the file is not what was written. It is put aside, under the same name with `.damaged`, and begun anew.
    #[error("{path}: damaged, put aside and begun anew: {error}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        error: Box<redb::Error>,
    },
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

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(error.into())
            }
        })*
    };
}

from_redb!(TransactionError, TableError, StorageError, CommitError);
