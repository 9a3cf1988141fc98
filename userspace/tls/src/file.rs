//! Certificates and keys in files. Whoever configures us names them, but what is in them may be anything.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject as _},
};

use crate::TlsError;

/// Largest file of certificates or keys, in bytes; a whole distribution's authorities have a quarter of that.
pub const FILE_BYTES: u64 = 1024 * 1024;

/// At least one certificate.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    certificates_in(path, &read(path)?)
}

/// The same of what a file has been found to hold.
pub(crate) fn certificates_in(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(text)
        .enumerate()
        .map(|(index, certificate)| certificate.map_err(|error| bad(path, index + 1, &error)));
    let certificates = certificates.collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() { Err(TlsError::NoCertificate(path.to_owned())) } else { Ok(certificates) }
}

/// The first private key.
pub(crate) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    key_in(path, &read(path)?)
}

/// The same of what a file has been found to hold.
pub(crate) fn key_in(path: &Path, text: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    // The reason is not told: it may quote the key.
    PrivateKeyDer::from_pem_slice(text).map_err(|_| TlsError::NoKey(path.to_owned()))
}

fn bad(path: &Path, number: usize, error: &pem::Error) -> TlsError {
    let reason = match error {
        // These quote the file, which may be any.
        pem::Error::MissingSectionEnd { .. } => "it has no end".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "its first line is broken".to_owned(),
        error => error.to_string(),
    };
    TlsError::BadCertificate { path: path.to_owned(), number, reason }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |error| TlsError::Unreadable { path: path.to_owned(), error };
    // Links are followed: a mounted secret is one. A pipe would have us wait for ever.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a file")));
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > FILE_BYTES { Err(TlsError::TooLarge(path.to_owned())) } else { Ok(text) }
}
