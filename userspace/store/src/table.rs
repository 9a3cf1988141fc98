use std::marker::PhantomData;

use redb::{ReadableDatabase as _, ReadableTable as _, TableDefinition, TableError};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Store, StoreError};

/// Largest document, as JSON, in bytes.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// Documents of one kind, by key.
#[derive(Debug)]
pub struct Table<'s, T> {
    store: &'s Store,
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl Store {
    /// The documents of a table.
    #[must_use]
    pub const fn table<T>(&self, name: &'static str) -> Table<'_, T> {
        Table { store: self, name, of: PhantomData }
    }
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
        self.store.with(|database| {
            let read = database.begin_read()?;
            let table = match read.open_table(self.definition()) {
                Ok(table) => table,
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            };
            let mut documents = Vec::new();
            for entry in table.iter()? {
                let (key, value) = entry?;
                let key = key.value().to_owned();
                let document = serde_json::from_slice(value.value());
                let document = document.map_err(|error| self.wrong(&key, error))?;
                documents.push((key, document));
            }
            Ok(documents)
        })
    }

    /// Puts these documents in place of all that there were; after a crash there are either the old or the new.
    ///
    /// # Errors
    /// [`StoreError`] when that cannot be written; then the old ones are still there.
    pub fn replace<'k>(&self, documents: impl IntoIterator<Item = (&'k str, T)>) -> Result<(), StoreError> {
        self.store.with(|database| {
            let write = database.begin_write()?;
            {
                let mut table = write.open_table(self.definition())?;
                table.retain(|_, _| false)?;
                for (key, document) in documents {
                    let json = serde_json::to_vec(&document).map_err(|error| self.wrong(key, error))?;
                    if json.len() > DOCUMENT_BYTES {
                        return Err(StoreError::TooLarge { table: self.name, key: key.to_owned() });
                    }
                    table.insert(key, json.as_slice())?;
                }
            }
            write.commit()?;
            Ok(())
        })
    }

    fn wrong(&self, key: &str, error: serde_json::Error) -> StoreError {
        StoreError::Document { table: self.name, key: key.to_owned(), error }
    }
}
