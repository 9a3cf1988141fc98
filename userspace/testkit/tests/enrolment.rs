//! The port where agents enrol.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rampart_testkit::manager::{Force, Key, KeyStore, Lie, Manager, ManagerBuilder};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// What the manager answers, without ends of lines; at most some of it.
fn ask(manager: &Manager, request: &str) -> io::Result<String> {
    ask_as(manager, request, true)
}

/// The same; with a certificate of the agent's own, or without.
fn ask_as(manager: &Manager, request: &str, has_certificate: bool) -> io::Result<String> {
    ask_trusting(manager.authority_pem(), manager, request, has_certificate)
}

/// The same, of who trusts that authority.
fn ask_trusting(
    authority: &str,
    manager: &Manager,
    request: &str,
    has_certificate: bool,
) -> io::Result<String> {
    let socket = TcpStream::connect(manager.enrolment_address())?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut tls = StreamOwned::new(connection(authority, manager, has_certificate), socket);
    tls.write_all(request.as_bytes())?;
    let mut reply = String::new();
    (&mut tls).take(8192).read_to_string(&mut reply)?;
    Ok(reply.trim_end().to_owned())
}

fn connection(authority: &str, manager: &Manager, has_certificate: bool) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let client = manager.client_pem();
    let certificate = CertificateDer::from_pem_slice(client.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(client.key.as_bytes()).unwrap();
    let config = if has_certificate {
        // It is offered; whether it is wanted is up to the manager.
        config.with_client_auth_cert(vec![certificate], key).unwrap()
    } else {
        config.with_no_client_auth()
    };
    ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap()
}

fn key_of(reply: &str) -> Key {
    Key::parse(reply.strip_prefix("OSSEC K:'").and_then(|reply| reply.strip_suffix('\'')).unwrap()).unwrap()
}

#[test]
fn an_agent_gets_the_key_that_the_manager_keeps() {
    let manager = Manager::builder().groups(&["a", "b"]).password("x y").start().unwrap();
    let reply = ask(&manager, "OSSEC PASS: x y OSSEC A:'node1' V:'v4.14.7' G:'a,b' IP:'src'\n").unwrap();
    let key = key_of(&reply);
    assert_eq!((key.name.as_str(), key.address.as_str()), ("node1", "127.0.0.1"));
    assert_eq!(manager.keys().get(&key.id), Some(key));
    let registrations = manager.registrations();
    let registration = registrations.first().unwrap();
    assert_eq!((registration.reply.as_str(), registrations.len()), (reply.as_str(), 1));
    assert_eq!(registration.request.groups, ["a", "b"]);
    assert_eq!(manager.violations(), Vec::<String>::new());
}

#[test]
fn refusals_say_why() {
    let version = "Agent version must be lower or equal to manager version";
    let open = Manager::builder;
    let cases: [(ManagerBuilder, &str, &str); 8] = [
        (open().password("x"), "OSSEC A:'node1'\n", "Invalid password"),
        (open().password("x"), "OSSEC PASS: y OSSEC A:'node1'\n", "Invalid password"),
        (open(), "OSSEC PASS: y OSSEC A:'node1'\n", "Invalid request for new agent"),
        (open(), "OSSEC A:'node1' V:'v4.14.8'\n", version),
        (open().max_version("v4.3.0").unwrap(), "OSSEC A:'node1' V:'v4.14.7'\n", version),
        (open(), "OSSEC A:'node1' G:'default,other'\n", "Invalid group: other"),
        (open(), "OSSEC A:'node1' IP:'here'\n", "Invalid IP: here"),
        (open().hostname("node1"), "OSSEC A:'node1'\n", "Invalid agent name: node1"),
    ];
    for (builder, request, expected) in cases {
        let manager = builder.start().unwrap();
        let reply = ask(&manager, request).unwrap();
        assert_eq!(reply, format!("ERROR: {expected}"), "{request}");
        assert!(manager.keys().keys().is_empty(), "{request}");
        assert_eq!(manager.violations(), Vec::<String>::new(), "{request}");
    }
}

#[test]
fn requests_that_are_none_are_told() {
    for request in ["OSSEC A:'n'\n", "hello\n", "OSSEC A:'node1' X:'y'\n", "OSSEC A:'node1' V:'v4.3.0\n"] {
        let manager = Manager::start().unwrap();
        assert!(ask(&manager, request).unwrap().starts_with("ERROR: "), "{request}");
        assert_eq!(manager.violations().len(), 1, "{request}");
    }
}

#[test]
fn an_agent_takes_anothers_place_if_it_may() {
    let none = Duration::ZERO;
    for (force, has_key, expected) in [
        (Force::default(), false, false),
        (Force { enabled: false, ..Force::ALWAYS }, false, false),
        (Force { after_registration_time: none, ..Force::default() }, false, true),
        (Force { after_registration_time: none, ..Force::default() }, true, false),
        (Force::ALWAYS, true, true),
    ] {
        let keys = KeyStore::new();
        let old = keys.add("node1", None).unwrap();
        let manager = Manager::builder().keys(&keys).force(force).start().unwrap();
        let hash = if has_key { format!(" K:'{}'", old.sha1()) } else { String::new() };
        let reply = ask(&manager, &format!("OSSEC A:'node1'{hash}\n")).unwrap();
        if expected {
            assert_ne!(key_of(&reply).id, old.id, "{force:?}");
            assert_eq!(keys.get(&old.id), None);
        } else {
            assert_eq!(reply, "ERROR: Duplicate agent name: node1", "{force:?}");
        }
    }
}

#[test]
fn an_address_is_one_agents_only() {
    let manager = Manager::start().unwrap();
    key_of(&ask(&manager, "OSSEC A:'node1' IP:'src'\n").unwrap());
    let reply = ask(&manager, "OSSEC A:'node2' IP:'src'\n").unwrap();
    assert_eq!(reply, "ERROR: Duplicate IP: 127.0.0.1");
}

#[test]
fn certificates_can_be_wrong() {
    for builder in [
        Manager::builder().expired_certificate(),
        Manager::builder().foreign_certificate(),
        Manager::builder().certificate_names(&["elsewhere"]),
    ] {
        let manager = builder.start().unwrap();
        ask(&manager, "OSSEC A:'node1'\n").unwrap_err();
        assert!(manager.registrations().is_empty());
    }
}

#[test]
fn a_certificate_of_the_agent_may_be_wanted() {
    let manager = Manager::builder().wants_client_certificate().start().unwrap();
    ask_as(&manager, "OSSEC A:'node1'\n", false).unwrap_err();
    assert!(manager.registrations().is_empty());
    key_of(&ask(&manager, "OSSEC A:'node1'\n").unwrap());
}

#[test]
fn a_worker_enrols_nobody() {
    let manager = Manager::builder().worker().start().unwrap();
    assert_eq!(ask(&manager, "OSSEC A:'node1'\n").unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    manager.kill();
    manager.revive().unwrap();
    assert_eq!(ask(&manager, "OSSEC A:'node1'\n").unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn lies_are_told_as_they_are_named() {
    let manager = Manager::start().unwrap();
    let lied = |lie| {
        manager.lie(lie);
        ask(&manager, "OSSEC A:'node1'\n").unwrap()
    };
    assert_eq!(key_of(&lied(Lie::EnrolOtherName)).name, "not-node1");
    assert_eq!(key_of(&lied(Lie::EnrolBrokenKey)).secret, "no-key");
    assert_eq!(lied(Lie::EnrolNothing), "");
    assert_eq!(lied(Lie::EnrolEndless).len(), 8192);
    assert!(manager.keys().keys().is_empty());
    assert_eq!(key_of(&lied(Lie::Trickle)).name, "node1");
}

#[test]
fn who_trusts_a_manager_trusts_it_when_it_is_started_again_with_its_key() {
    let first = Manager::start().unwrap();
    let again = Manager::builder().authority_key(first.authority_key_pem()).start().unwrap();
    let reply = ask_trusting(first.authority_pem(), &again, "OSSEC A:'node1'\n", true).unwrap();
    assert_eq!(key_of(&reply).name, "node1");
    let other = Manager::start().unwrap();
    ask_trusting(first.authority_pem(), &other, "OSSEC A:'node1'\n", true).unwrap_err();
}
