use std::{io, path::PathBuf};

use crate::FILE_BYTES;

/// Why there can be no connection, for what is on our side.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, or may not be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        error: io::Error,
    },
    /// A file is larger than [`FILE_BYTES`].
    #[error("{0}: larger than {FILE_BYTES} bytes: leave only the certificates that are needed in it")]
    TooLarge(PathBuf),
    /// A file has no certificate in it.
    #[error(
        "{0}: no certificate in PEM form (`-----BEGIN CERTIFICATE-----`); \
         `openssl x509 -inform der -in FILE -out FILE.pem` makes that of DER form"
    )]
    NoCertificate(PathBuf),
    /// A file has something in it that begins as a certificate and is none.
    #[error("{path}: certificate {number} cannot be read: {reason}; copy the file again")]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// Which of its certificates, from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file has no private key in it that can be used.
    #[error(
        "{0}: no private key in PEM form that can be used; \
         one with a passphrase is not asked for it: `openssl pkey -in FILE -out FILE.pem` removes it"
    )]
    NoKey(PathBuf),
    /// A private key is not the certificate's.
    #[error(
        "{key}: not the private key of the certificate in {certificate}: give the two that were made together"
    )]
    OtherKey {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The system knows no authorities.
    #[error(
        "the system has no list of authorities: install `ca-certificates`, or give a file with the authority's certificate"
    )]
    NoAuthorities,
    /// The library refuses what it was given.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}
