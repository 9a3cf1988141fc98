//! What the agent keeps over restarts, in one file that survives a crash at any point: documents by key in tables, and the
//! spools of messages that sinks have not yet delivered.
//!
//! One process at a time has it open. What is read from it is input as any other: a file that somebody has changed gives
//! an error, not a panic.

#![forbid(unsafe_code)]

mod error;
mod file;
pub mod spool;
mod table;

pub use error::StoreError;
pub use file::Store;
pub use table::{DOCUMENT_BYTES, Table};
