//! Enrolments at a manager that is told what to do, in memory.

use std::{convert::Infallible, future, sync::Mutex};

use rampart_tls::{Trust, client_config};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::AgentVersion;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What a manager does when it has been asked.
#[derive(Debug, Clone)]
enum Answer {
    /// Says this, and closes without a word.
    Says(String),
    /// Says this, and keeps the connection.
    Holds(String),
    /// Says this byte by byte, with a second between, and closes.
    Drips(String),
    /// Says this for ever.
    Repeats(String),
}

fn enrolment() -> Enrolment {
    Enrolment {
        name: "node1".to_owned(),
        version: AgentVersion::default(),
        groups: Vec::new(),
        address: None,
        password: Some("hunter2".into()),
        key_hash: None,
    }
}

fn manager() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["wazuh".to_owned()]).unwrap()
}

fn acceptor(manager: &CertifiedKey<KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(manager.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![manager.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// The outcome, and what the manager was asked.
async fn enrol_at(answer: Answer, trust: &Trust) -> (Result<AgentKey, EnrolError>, String) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let asked = Mutex::new(String::new());
    let serve = async {
        let Ok(mut stream) = acceptor(&manager()).accept(theirs).await else {
            return future::pending().await;
        };
        let mut request = Vec::new();
        while !request.ends_with(b"\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        *asked.lock().unwrap() = String::from_utf8(request).unwrap();
        act(&mut stream, answer).await.unwrap_or_default();
        drop(stream);
        future::pending::<Infallible>().await
    };
    let server = ServerName::try_from("manager.example").unwrap();
    let tls = client_config(trust, None).unwrap();
    let enrolment = enrolment();
    let result = tokio::select! {
        result = enrol(ours, server, tls, &enrolment, ENROL_TIME) => result,
        never = serve => match never {},
    };
    (result, asked.into_inner().unwrap())
}

async fn act(stream: &mut (impl AsyncWrite + Unpin), answer: Answer) -> io::Result<()> {
    match answer {
        Answer::Says(text) => stream.write_all(text.as_bytes()).await?,
        Answer::Holds(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await?;
            future::pending::<Infallible>().await;
        }
        Answer::Drips(text) => {
            for byte in text.bytes() {
                stream.write_u8(byte).await?;
                stream.flush().await?;
                time::sleep(Duration::from_secs(1)).await;
            }
        }
        Answer::Repeats(text) => loop {
            stream.write_all(text.as_bytes()).await?;
        },
    }
    stream.flush().await
}

#[tokio::test(start_paused = true)]
async fn a_key_is_had_as_soon_as_it_is_said() {
    for answer in [
        Answer::Says(format!("OSSEC K:'017 node1 any {SECRET}'")),
        Answer::Says(format!("OSSEC K:'017 node1 any {SECRET}'\n\n")),
        Answer::Holds(format!("OSSEC K:'017 node1 any {SECRET}'\n\n")),
    ] {
        let (key, asked) = enrol_at(answer, &Trust::Any).await;
        assert_eq!(key.unwrap().id(), "017");
        assert_eq!(asked, "OSSEC PASS: hunter2 OSSEC A:'node1' V:'v4.3.0'\n");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_key_the_reason_is_told() {
    let says = |text: &str| Answer::Says(text.to_owned());
    for (answer, kind, lasting) in [
        (says("ERROR: Invalid password\n\n"), "invalid_password", true),
        (says("ERROR: Duplicate agent name: node1\n\n"), "duplicate_name", true),
        (
            says("ERROR: Agent version must be lower or equal to manager version\n\n"),
            "version_too_high",
            true,
        ),
        (says("ERROR: Internal manager error adding agent: node1\n\n"), "internal", false),
        (says("ERROR: Dupl"), "other", false),
        (says(&format!("OSSEC K:'017 node2 any {SECRET}'\n")), "bad_answer", false),
        (says("OSSEC K:'017 node1 an"), "bad_answer", false),
        (says("220 mail.example ESMTP\r\n"), "bad_answer", false),
        (says(""), "broken", false),
        (Answer::Repeats("OSSEC K:'".to_owned()), "bad_answer", false),
        (Answer::Holds(String::new()), "silent", false),
        (Answer::Holds("OSSEC K:'017 node1 an".to_owned()), "silent", false),
        (Answer::Drips(format!("OSSEC K:'017 node1 any {SECRET}'\n")), "silent", false),
    ] {
        let case = format!("{answer:?}");
        let (result, _) = enrol_at(answer, &Trust::Any).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.is_lasting()), (kind, lasting), "{case}: {error}");
        assert!(!error.help().is_empty() && !error.to_string().contains("hunter2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_manager_that_is_not_trusted_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, manager().cert.pem()).unwrap();
    let (result, asked) = enrol_at(Answer::Says(String::new()), &Trust::AuthoritiesAnyName { file }).await;
    let error = result.unwrap_err();
    assert!(matches!(error, EnrolError::Handshake(_)), "{error}");
    assert_eq!(asked, "");
}

#[tokio::test(start_paused = true)]
async fn who_never_shakes_hands_is_given_up() {
    let (ours, _theirs) = tokio::io::duplex(64 * 1024);
    let server = ServerName::try_from("manager.example").unwrap();
    let tls = client_config(&Trust::Any, None).unwrap();
    let error = enrol(ours, server, tls, &enrolment(), ENROL_TIME).await.unwrap_err();
    assert!(matches!(error, EnrolError::Silent(ENROL_TIME)), "{error}");
}
