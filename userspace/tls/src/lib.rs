//! TLS: as a client whom to trust and who we are, and as a server what to show.
//!
//! [`client_config`] makes a configuration for TLS 1.2 and 1.3 of a [`Trust`] and, where the other side asks who we are, an
//! [`Identity`]. [`explain`] makes a sentence of what goes wrong with it that says what to do. For servers, [`ServerFiles`] are
//! a certificate and its key in two files that others replace, each sound [`ServerPair`] of which makes a configuration. Cryptography
//! is aws-lc's, named explicitly: nothing has to be installed for the process first.

#![forbid(unsafe_code)]

mod config;
mod error;
mod explain;
mod file;
mod server;
mod trust;
mod verifier;

pub use config::client_config;
pub use error::TlsError;
pub use explain::explain;
pub use file::FILE_BYTES;
pub use server::{Look, ServerFiles, ServerPair};
pub use trust::{Identity, Trust};
