//! Certificates of the port where agents enrol: good ones, and all that can be wrong with one.

use std::{io, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// What the certificate is to be.
#[derive(Debug, Clone)]
pub(super) struct CertificateOptions {
    /// Names and addresses in it.
    pub(super) names: Vec<String>,
    pub(super) is_expired: bool,
    /// The private key of the authority, as PEM.
    pub(super) authority_key: Option<String>,
    /// By an authority that nobody has heard of.
    pub(super) is_foreign: bool,
    /// Who connects must have one, too.
    pub(super) wants_client: bool,
}

impl Default for CertificateOptions {
    fn default() -> Self {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        Self { names, authority_key: None, is_expired: false, is_foreign: false, wants_client: false }
    }
}

/// A certificate and its private key, both as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

pub(super) struct Certificates {
    pub(super) config: Arc<ServerConfig>,
    pub(super) authority: String,
    pub(super) authority_key: String,
    pub(super) client: Pem,
}

impl Certificates {
    pub(super) fn make(options: &CertificateOptions) -> io::Result<Self> {
        let key = options.authority_key.as_deref().map_or_else(KeyPair::generate, KeyPair::from_pem);
        let known = authority("testkit authority", key.map_err(io::Error::other)?)?;
        let new = |name| authority(name, KeyPair::generate().map_err(io::Error::other)?);
        let (of_clients, stranger) = (new("testkit authority of clients")?, new("testkit stranger")?);
        let mut params = CertificateParams::new(options.names.clone()).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "testkit manager");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if options.is_expired {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = if options.is_foreign { &stranger } else { &known };
        let certificate = params.signed_by(&key, issuer).map_err(io::Error::other)?;
        let config = config(certificate.der(), &key, options.wants_client.then_some(&of_clients))?;
        Ok(Self {
            config: Arc::new(config),
            authority: known.pem(),
            authority_key: known.key().serialize_pem(),
            client: client(&of_clients)?,
        })
    }
}

fn authority(name: &str, key: KeyPair) -> io::Result<Issuer> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)
}

fn client(issuer: &Issuer) -> io::Result<Pem> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "testkit agent");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.signed_by(&key, issuer).map_err(io::Error::other)?;
    Ok(Pem { certificate: certificate.pem(), key: key.serialize_pem() })
}

fn config(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    clients: Option<&Issuer>,
) -> io::Result<ServerConfig> {
    let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(issuer) => {
            let mut roots = RootCertStore::empty();
            roots.add(issuer.der().clone()).map_err(io::Error::other)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(io::Error::other)?)
        }
    };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    builder.with_single_cert(vec![certificate.clone()], key).map_err(io::Error::other)
}
