use std::{fmt::Write as _, sync::Arc};

use rustls::{
    Error, InconsistentKeys, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::CertificateDer,
    server::NoServerSessionStorage,
    sign::{CertifiedKey, SingleCertAndKey},
};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{Identity, TlsError, file};

/// Most bytes of a serial number that are told: RFC 5280 allows no more.
const SERIAL_BYTES: usize = 20;

/// A certificate and its key, as a server shows them.
#[derive(Debug, Clone)]
pub struct ServerPair {
    certified: Arc<CertifiedKey>,
    serial: String,
    expires: i64,
}

impl ServerPair {
    /// The certificate's serial number in hexadecimal digits, of the first 20 bytes.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// When the certificate expires, in seconds since 1970.
    #[must_use]
    pub const fn expires(&self) -> i64 {
        self.expires
    }

    /// A configuration for TLS 1.2 or 1.3 that asks nobody for a certificate and takes up no earlier session, so that each connection
    /// is shown this very certificate. `protocol` is what is spoken over it, by its name of ALPN such as `http/1.1`.
    ///
    /// # Errors
    /// [`TlsError::Setup`] when the library refuses it.
    pub fn config(&self, protocol: &str) -> Result<Arc<ServerConfig>, TlsError> {
        let shown = SingleCertAndKey::from(Arc::clone(&self.certified));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        config.alpn_protocols = vec![protocol.into()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }
}

/// What a look at the files has brought.
#[derive(Debug)]
pub enum Look {
    /// Nothing that was not there at the last look, or nothing whole: they are being replaced at this moment.
    Same,
    /// Another pair, which is sound.
    New(ServerPair),
    /// Something else that cannot be used. It is told once, until the files change again.
    Unusable(TlsError),
}

/// A certificate and its key in two files that others replace: by writing them, or all at once by a link on their way, as Kubernetes
/// does with a mounted secret.
///
/// They are compared by content: a watch on such a file sees the first replacement and none after it.
#[derive(Debug)]
pub struct ServerFiles {
    identity: Identity,
    seen: Option<Seen>,
}

/// What was there, short enough to be kept.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Content([u8; 32]),
    Trouble(String),
}

/// What the two files hold.
struct Texts {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl ServerFiles {
    /// The files are not looked at yet.
    #[must_use]
    pub const fn new(identity: Identity) -> Self {
        Self { identity, seen: None }
    }

    /// Reads the files, at most [`FILE_BYTES`](crate::FILE_BYTES) of each.
    #[must_use]
    pub fn look(&mut self) -> Look {
        let found = self.read();
        let seen = Seen::of(&found);
        // Two reads are not one: in the middle of a replacement they give the one's certificate and the other's key.
        if self.seen.as_ref() == Some(&seen) || Seen::of(&self.read()) != seen {
            return Look::Same;
        }
        self.seen = Some(seen);
        match found.and_then(|texts| self.pair(&texts)) {
            Ok(pair) => Look::New(pair),
            Err(error) => Look::Unusable(error),
        }
    }

    fn read(&self) -> Result<Texts, TlsError> {
        Ok(Texts {
            certificate: file::read(&self.identity.certificate)?,
            key: file::read(&self.identity.key)?,
        })
    }

    fn pair(&self, texts: &Texts) -> Result<ServerPair, TlsError> {
        let chain = file::certificates_in(&self.identity.certificate, &texts.certificate)?;
        let key = file::key_in(&self.identity.key, &texts.key)?;
        let (serial, expires) = chain.first().map_or_else(
            || Err(TlsError::NoCertificate(self.identity.certificate.clone())),
            |own| self.of_certificate(own),
        )?;
        let provider: CryptoProvider = aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(key);
        let certified =
            CertifiedKey::new(chain, key.map_err(|_| TlsError::NoKey(self.identity.key.clone()))?);
        match certified.keys_match() {
            Ok(()) => Ok(ServerPair { certified: Arc::new(certified), serial, expires }),
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(TlsError::OtherKey {
                certificate: self.identity.certificate.clone(),
                key: self.identity.key.clone(),
            }),
            // What we cannot read no caller can.
            Err(error) => Err(self.bad(error.to_string())),
        }
    }

    fn of_certificate(&self, certificate: &CertificateDer<'_>) -> Result<(String, i64), TlsError> {
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|error| self.bad(error.to_string()))?;
        let serial =
            parsed.tbs_certificate.raw_serial().iter().skip_while(|byte| **byte == 0).take(SERIAL_BYTES);
        let serial = serial.fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        });
        Ok((serial, parsed.validity().not_after.timestamp()))
    }

    fn bad(&self, reason: String) -> TlsError {
        TlsError::BadCertificate { path: self.identity.certificate.clone(), number: 1, reason }
    }
}

impl Seen {
    fn of(found: &Result<Texts, TlsError>) -> Self {
        match found {
            Ok(Texts { certificate, key }) => {
                let mut hasher = Sha256::new();
                hasher.update(Sha256::digest(certificate));
                hasher.update(Sha256::digest(key));
                Self::Content(hasher.finalize().into())
            }
            Err(error) => Self::Trouble(error.to_string()),
        }
    }
}
