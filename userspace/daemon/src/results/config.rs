use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf};

use anyhow::bail;
use rampart_api::Identity;
use serde::Deserialize;

/// Most audiences, and the length of one in bytes.
const AUDIENCES: RangeInclusive<usize> = 1..=8;
const AUDIENCE_BYTES: RangeInclusive<usize> = 1..=253;

/// Where results are served, and to whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultsConfig {
    /// Where to serve /v1/results.
    pub(super) listen: SocketAddr,
    /// What is shown to callers.
    pub(super) tls: TlsFiles,
    /// A caller's token must be meant for one of these.
    #[serde(default = "audiences")]
    pub(super) audiences: Vec<String>,
}

/// A certificate and its key. They may be replaced while the agent runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsFiles {
    /// The certificate in PEM form, and those between it and the authority.
    certificate_file: PathBuf,
    /// Its private key in PEM form, without a passphrase.
    key_file: PathBuf,
}

fn audiences() -> Vec<String> {
    vec!["rampart".to_owned()]
}

impl From<TlsFiles> for Identity {
    fn from(files: TlsFiles) -> Self {
        Self { certificate: files.certificate_file, key: files.key_file }
    }
}

impl ResultsConfig {
    /// What can be known without the files and the API server.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        for (key, path) in
            [("certificate_file", &self.tls.certificate_file), ("key_file", &self.tls.key_file)]
        {
            if !path.is_absolute() {
                bail!("results.tls.{key}: {} is not an absolute path", path.display());
            }
        }
        let (least, most) = (AUDIENCES.start(), AUDIENCES.end());
        if !AUDIENCES.contains(&self.audiences.len()) {
            bail!("results.audiences: {} are not from {least} to {most}", self.audiences.len());
        }
        let is_sound = |audience: &String| {
            AUDIENCE_BYTES.contains(&audience.len()) && audience.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if let Some(audience) = self.audiences.iter().find(|audience| !is_sound(audience)) {
            bail!("results.audiences: {audience:?} is not 1 to 253 visible characters of ASCII");
        }
        Ok(())
    }
}
