//! Whom a client believes, and what it says when it does not: handshakes with a server in memory, by both versions of TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![forbid(unsafe_code)]

use std::{fs, io, path::PathBuf, sync::Arc};

use rampart_tls::{Identity, TlsError, Trust, client_config, explain};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    server::WebPkiClientVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const NAME: &str = "manager.example";

/// Who signs, and whose file is trusted.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate and key.
    own: Pair,
}

/// A certificate and its key.
struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    fn new(common_name: &str) -> Self {
        let mut params = params(NAME);
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = self_signed(&params);
        let issuer = Issuer::new(params, KeyPair::from_pem(&own.key).unwrap());
        Self { folder: tempfile::tempdir().unwrap(), issuer, own }
    }

    fn sign(&self, params: &CertificateParams) -> Pair {
        let key = KeyPair::generate().unwrap();
        Pair { certificate: params.signed_by(&key, &self.issuer).unwrap().pem(), key: key.serialize_pem() }
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Its certificate, as whom to trust.
    fn trusted(&self) -> PathBuf {
        self.file("authority.pem", &self.own.certificate)
    }

    fn identity(&self, pair: &Pair) -> Identity {
        Identity {
            certificate: self.file("client.pem", &pair.certificate),
            key: self.file("client.key", &pair.key),
        }
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn self_signed(params: &CertificateParams) -> Pair {
    let key = KeyPair::generate().unwrap();
    Pair { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

/// A server with a certificate; with `clients`, it demands a certificate of that authority.
fn server(
    version: &'static SupportedProtocolVersion,
    pair: &Pair,
    clients: Option<&Authority>,
) -> TlsAcceptor {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[version]);
    let config = match clients {
        None => config.unwrap().with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.own.certificate.as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.unwrap().with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
    // Not by `with_single_cert`, which would not have certificates of version 1.
    let certified = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    TlsAcceptor::from(Arc::new(config.with_cert_resolver(Arc::new(certified))))
}

/// Sends a word there and back, by both versions: `ok`, or why not.
async fn talk(
    trust: &Trust,
    identity: Option<&Identity>,
    pair: &Pair,
    clients: Option<&Authority>,
) -> [String; 2] {
    [
        talk_by(&TLS12, trust, identity, pair, clients).await,
        talk_by(&TLS13, trust, identity, pair, clients).await,
    ]
}

async fn talk_by(
    version: &'static SupportedProtocolVersion,
    trust: &Trust,
    identity: Option<&Identity>,
    pair: &Pair,
    clients: Option<&Authority>,
) -> String {
    let acceptor = server(version, pair, clients);
    let config = client_config(trust, identity).unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let serve = async move {
        let mut stream = acceptor.accept(theirs).await?;
        let mut word = [0; 2];
        stream.read_exact(&mut word).await?;
        stream.write_all(&word).await?;
        stream.shutdown().await
    };
    let ask = async move {
        let name = ServerName::try_from(NAME).unwrap();
        let mut stream = TlsConnector::from(config).connect(name, ours).await?;
        stream.write_all(b"ok").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let (_, answer) = tokio::join!(serve, ask);
    answer.unwrap_or_else(|error| explain(&error))
}

#[tokio::test]
async fn only_who_is_trusted_is_talked_to() {
    let (authority, other) = (Authority::new("ours"), Authority::new("other"));
    let file = authority.trusted();
    let named = Trust::Authorities { file: file.clone() };
    let any_name = Trust::AuthoritiesAnyName { file };
    let good = authority.sign(&params(NAME));
    let misnamed = authority.sign(&params("wazuh.example"));
    let unknown = other.sign(&params(NAME));
    let namesake = Authority::new("ours").sign(&params(NAME));
    let alone = self_signed(&params(NAME));
    let mut expired = params(NAME);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let expired = authority.sign(&expired);
    let mut early = params(NAME);
    early.not_before = date_time_ymd(4000, 1, 1);
    let early = authority.sign(&early);
    for (case, trust, pair, expected) in [
        ("signed", &named, &good, "ok"),
        ("signed by another", &named, &unknown, "nobody whom we trust"),
        ("signed by a namesake", &named, &namesake, "and another key"),
        ("signed by itself", &named, &alone, "nobody whom we trust"),
        ("the authority itself", &named, &authority.own, "ok"),
        ("another authority", &named, &other.own, "certificate of an authority"),
        ("expired", &named, &expired, "certificate expired"),
        ("not yet valid", &named, &early, "not valid yet"),
        ("for another name", &named, &misnamed, "wazuh.example"),
        ("any name, signed", &any_name, &misnamed, "ok"),
        ("any name, the authority itself", &any_name, &authority.own, "ok"),
        ("any name, signed by another", &any_name, &unknown, "nobody whom we trust"),
        ("any name, expired", &any_name, &expired, "certificate expired"),
        ("anybody", &Trust::Any, &unknown, "ok"),
        ("anybody, expired", &Trust::Any, &expired, "ok"),
    ] {
        for answer in talk(trust, None, pair, None).await {
            assert!(answer.contains(expected), "{case}: {answer}");
        }
    }
}

#[tokio::test]
async fn an_authority_that_has_expired_is_not_believed_as_a_server() {
    let authority = Authority::new("ours");
    let mut expired = params(NAME);
    expired.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let expired = self_signed(&expired);
    let trust = Trust::AuthoritiesAnyName { file: authority.file("expired.pem", &expired.certificate) };
    for answer in talk(&trust, None, &expired, None).await {
        assert!(answer.contains("certificate expired"), "{answer}");
    }
}

/// What `openssl x509 -req` makes unless it is told otherwise, up to OpenSSL 3.0.
#[tokio::test]
async fn a_certificate_of_version_1_may_be_ours_and_is_not_believed() {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/version_1.pem"));
    let text = fs::read_to_string(&path).unwrap();
    let pair = Pair { certificate: text.clone(), key: text };
    for answer in talk(&Trust::AuthoritiesAnyName { file: path.clone() }, None, &pair, None).await {
        assert!(answer.contains("is of version 1"), "{answer}");
    }
    let identity = Identity { certificate: path.clone(), key: path };
    for answer in talk(&Trust::Any, Some(&identity), &pair, None).await {
        assert_eq!(answer, "ok");
    }
}

#[tokio::test]
async fn a_server_that_asks_who_we_are_is_told() {
    let (authority, other) = (Authority::new("ours"), Authority::new("other"));
    let trust = Trust::Authorities { file: authority.trusted() };
    let pair = authority.sign(&params(NAME));
    let ours = authority.identity(&authority.sign(&params("node1")));
    let foreign = other.identity(&other.sign(&params("node1")));
    for (case, identity, expected) in [
        ("none", None, "client certificate"),
        ("ours", Some(&ours), "ok"),
        ("another authority's", Some(&foreign), "client certificate"),
    ] {
        for answer in talk(&trust, identity, &pair, Some(&authority)).await {
            assert!(answer.contains(expected), "{case}: {answer}");
        }
    }
}

#[tokio::test]
async fn who_does_not_speak_tls_is_told_apart() {
    let config = client_config(&Trust::Any, None).unwrap();
    for (greeting, expected) in
        [(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "does not speak TLS"), (b"", "closed")]
    {
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        theirs.write_all(greeting).await.unwrap();
        theirs.shutdown().await.unwrap();
        let name = ServerName::try_from(NAME).unwrap();
        let error = TlsConnector::from(Arc::clone(&config)).connect(name, ours).await.unwrap_err();
        let text = explain(&error);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let authority = Authority::new("ours");
    let own = &authority.own;
    let cut: String = own.certificate.lines().take(3).collect::<Vec<_>>().join("\n");
    let broken = format!("{}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", own.certificate);
    for (name, content, expected) in [
        ("empty.pem", String::new(), "no certificate in PEM form"),
        ("key.pem", own.key.clone(), "no certificate in PEM form"),
        ("cut.pem", cut, "certificate 1 cannot be read: it has no end"),
        ("broken.pem", broken, "certificate 2 cannot be read"),
        ("large.pem", " ".repeat(1024 * 1024 + 1), "larger than 1048576 bytes"),
    ] {
        let file = authority.file(name, &content);
        let error = client_config(&Trust::Authorities { file }, None).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(expected), "{error}");
    }
    for file in [authority.folder.path().to_owned(), authority.folder.path().join("missing.pem")] {
        let error = client_config(&Trust::AuthoritiesAnyName { file }, None).unwrap_err();
        assert!(matches!(error, TlsError::Unreadable { .. }), "{error}");
    }
}

#[test]
fn a_key_that_cannot_be_used_is_told_and_not_shown() {
    let authority = Authority::new("ours");
    let (ours, other) = (authority.sign(&params("node1")), authority.sign(&params("node2")));
    for (key, expected) in [
        (ours.key.clone(), None),
        (other.key, Some("not the private key of the certificate")),
        (ours.certificate.clone(), Some("no private key")),
        (ours.key.replace("PRIVATE", "ENCRYPTED PRIVATE"), Some("passphrase")),
        (ours.key.replace('M', "*"), Some("no private key")),
    ] {
        let secret = key.lines().nth(1).unwrap().to_owned();
        let identity = authority.identity(&Pair { certificate: ours.certificate.clone(), key });
        let error = client_config(&Trust::Any, Some(&identity)).err();
        let text = error.as_ref().map(|error| format!("{error} {error:?}"));
        match (&text, expected) {
            (Some(text), Some(expected)) => {
                assert!(text.contains(expected) && !text.contains(&secret), "{text}");
            }
            (text, expected) => assert_eq!(text.as_deref(), expected),
        }
    }
}

#[test]
fn what_is_given_up_is_said() {
    let file = PathBuf::new();
    assert_eq!(Trust::default().concession(), None);
    assert_eq!(Trust::Authorities { file: file.clone() }.concession(), None);
    assert!(Trust::AuthoritiesAnyName { file }.concession().is_some() && Trust::Any.concession().is_some());
}
