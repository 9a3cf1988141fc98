use std::{io, path::PathBuf, sync::Arc};

use rampart_tls::{Identity, Trust, client_config};
use rustls::ClientConfig;
use serde::Deserialize;

use crate::ConfigError;

/// Whom a sink believes, and who it is, over TLS. The files are read when a connection is set up, and again after one has
/// failed: certificates that are renewed need no restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Certificates, as PEM, of the authorities that may have signed the other side's; the system's if not given.
    pub ca_file: Option<PathBuf>,
    /// Our own certificate with its chain, as PEM, where the other side asks for one. Together with `key_file`.
    pub certificate_file: Option<PathBuf>,
    /// Its private key, as PEM.
    pub key_file: Option<PathBuf>,
}

impl Tls {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.certificate_file.is_some() == self.key_file.is_some() {
            return Ok(());
        }
        Err(ConfigError::new("tls", "certificate_file and key_file are given together, or neither"))
    }

    /// As the files are now. Where it will not be used, nothing is read.
    pub(crate) fn load(&self, is_used: bool) -> io::Result<Arc<ClientConfig>> {
        if !is_used {
            return client_config(&Trust::Any, None).map_err(io::Error::other);
        }
        let trust =
            self.ca_file.as_ref().map_or(Trust::System, |file| Trust::Authorities { file: file.clone() });
        let identity = self.certificate_file.as_ref().zip(self.key_file.as_ref());
        let identity = identity
            .map(|(certificate, key)| Identity { certificate: certificate.clone(), key: key.clone() });
        client_config(&trust, identity.as_ref()).map_err(io::Error::other)
    }
}
