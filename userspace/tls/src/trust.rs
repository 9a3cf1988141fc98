use std::path::PathBuf;

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Trust {
    /// Those of the authorities that the system knows: what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or else what the
    /// distribution has. The name must be right.
    #[default]
    System,
    /// Those of the authorities in a file, and of no others. The name must be right. A server's own certificate may be in the
    /// file as well: then that one is believed.
    Authorities {
        /// Certificates in PEM form, one after the other.
        file: PathBuf,
    },
    /// As `Authorities`, but for any name: certificates that a Wazuh manager makes for itself bear none that is of use. What that
    /// gives up: whoever holds a certificate of one of these authorities, for whatever it was meant, can pose as
    /// the server. So it is for a file with the server's own certificate, or an authority that has signed nothing else.
    AuthoritiesAnyName {
        /// Certificates in PEM form, one after the other.
        file: PathBuf,
    },
    /// Everybody's. What is sent is hidden from those who only listen, and from nobody who answers in the server's place.
    Any,
}

impl Trust {
    /// What it gives up, for the log; none where it gives up nothing.
    #[must_use]
    pub const fn concession(&self) -> Option<&'static str> {
        match self {
            Self::System | Self::Authorities { .. } => None,
            Self::AuthoritiesAnyName { .. } => Some(
                "the server's name is not verified: whoever has a certificate of the same authority can pose as it",
            ),
            Self::Any => Some("the server's certificate is not verified: anybody on the way can pose as it"),
        }
    }
}

/// Who we are, for servers that ask for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Our certificate in PEM form, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key in PEM form, without a passphrase. May be the same file.
    pub key: PathBuf,
}
