use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, Error, InconsistentKeys, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    sign::{CertifiedKey, SingleCertAndKey},
};

use crate::{
    Identity, TlsError, Trust, file,
    verifier::{Anybody, Chain},
};

/// A configuration for connections to those whom `trust` believes, by TLS 1.2 or 1.3. Reads the files that it needs, once: who
/// wants newer ones makes another configuration.
///
/// # Errors
/// [`TlsError`] names the file that cannot be used, and what to do.
pub fn client_config(trust: &Trust, identity: Option<&Identity>) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(trust, &provider)?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match identity {
        Some(identity) => {
            let certified = certified(identity, &provider)?;
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
        }
        None => config.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn verifier(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let algorithms = provider.signature_verification_algorithms;
    Ok(match trust {
        Trust::System => {
            let mut roots = RootCertStore::empty();
            // Some that a distribution has are too old to be read; without them there are still the others.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build()
                .map_err(|_| TlsError::NoAuthorities)?
        }
        Trust::Authorities { file } => Arc::new(chain(file, false, provider)?),
        Trust::AuthoritiesAnyName { file } => Arc::new(chain(file, true, provider)?),
        Trust::Any => Arc::new(Anybody { algorithms }),
    })
}

fn chain(path: &Path, any_name: bool, provider: &CryptoProvider) -> Result<Chain, TlsError> {
    let certificates = file::certificates(path)?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in certificates.iter().enumerate() {
        roots.add(certificate.clone()).map_err(|error| TlsError::BadCertificate {
            path: path.to_owned(),
            number: index + 1,
            reason: error.to_string(),
        })?;
    }
    let algorithms = provider.signature_verification_algorithms;
    Ok(Chain { roots, certificates, any_name, algorithms })
}

fn certified(identity: &Identity, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let chain = file::certificates(&identity.certificate)?;
    let key = file::key(&identity.key)?;
    let key = provider.key_provider.load_private_key(key);
    let certified = CertifiedKey::new(chain, key.map_err(|_| TlsError::NoKey(identity.key.clone()))?);
    match certified.keys_match() {
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(TlsError::OtherKey { certificate: identity.certificate.clone(), key: identity.key.clone() })
        }
        // Certificates of version 1 cannot be read for it, and Wazuh's guide makes such: whoever asked for it shall judge.
        Ok(()) | Err(_) => Ok(certified),
    }
}
