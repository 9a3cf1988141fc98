use std::{path::Path, sync::Arc, sync::Mutex, thread, time::Duration};

use rampart_testkit::manager::{Force, KeyStore, Lie, Manager};
use rampart_tls::{Trust, client_config};
use rampart_wazuh::{ClientConfig, EnrolmentSettings, Refusal, Trouble};

use crate::agent::{Agent, NAME, PATIENCE, config, folder, key_id, numbers, violations};

/// The password that the agent has, which a test may change.
type Password = Arc<Mutex<String>>;

fn enrolling(folder: &Path, managers: &[&Manager]) -> (ClientConfig, Password) {
    let file = folder.join("ca.pem");
    let authorities: String = managers.iter().map(|manager| manager.authority_pem()).collect();
    std::fs::write(&file, authorities).unwrap();
    let password = Password::default();
    let given = Arc::clone(&password);
    let settings = EnrolmentSettings {
        groups: vec!["default".to_owned()],
        address: None,
        password: Arc::new(move || {
            let password = given.lock().unwrap().clone();
            Ok((!password.is_empty()).then(|| password.into()))
        }),
        tls: Arc::new(move || client_config(&Trust::AuthoritiesAnyName { file: file.clone() }, None)),
    };
    (ClientConfig { enrolment: Some(settings), ..config(folder, managers) }, password)
}

fn refusal(agent: &Agent) -> Option<Refusal> {
    match agent.status.snapshot().trouble.as_deref() {
        Some(Trouble::Enrolment(error)) => error.refusal(),
        _ => None,
    }
}

/// Long enough that one that asks again and again has done so.
fn let_it_try() {
    thread::sleep(Duration::from_millis(300));
}

#[test]
fn without_a_key_one_is_asked_for_by_the_password_of_the_moment() {
    let manager = Manager::builder().password("open sesame").start().unwrap();
    let folder = folder(None);
    let (mut config, password) = enrolling(folder.path(), &[&manager]);
    config.limits.lasting_pause = Duration::from_millis(500);
    *password.lock().unwrap() = "wrong".to_owned();
    let agent = Agent::start(config);
    agent.feed.add(0..10);
    agent.wait("the refusal", |agent| refusal(agent) == Some(Refusal::InvalidPassword));
    assert_eq!(key_id(folder.path()), None);
    *password.lock().unwrap() = "open sesame".to_owned();
    agent.wait_confirmed(10);
    assert_eq!(agent.status.snapshot().agent_id.as_deref(), key_id(folder.path()).as_deref());
    let registrations = manager.registrations();
    let last = registrations.last().unwrap();
    assert_eq!(
        (last.request.name.as_str(), last.request.groups.as_slice()),
        (NAME, &["default".to_owned()][..])
    );
    assert_eq!(numbers(&manager), (0..10).collect::<Vec<_>>());
    violations(&[&manager]);
}

#[test]
fn a_refusal_that_lasts_is_not_asked_for_again_and_again() {
    let manager = Manager::start().unwrap();
    manager.keys().add(NAME, None).unwrap();
    let folder = folder(None);
    let agent = Agent::start(enrolling(folder.path(), &[&manager]).0);
    agent.wait("the refusal", |agent| refusal(agent) == Some(Refusal::DuplicateName));
    let_it_try();
    assert_eq!(manager.registrations().len(), 1);
    let trouble = agent.status.snapshot().trouble.unwrap();
    assert!(trouble.help().contains("restore its key file"), "{}", trouble.explain());
}

#[test]
fn the_manager_that_enrols_is_found_and_lies_at_enrolment_are_survived() {
    let lies = Lie::ALL.into_iter().filter(|lie| lie.is_of_enrolment()).map(Some);
    for lie in lies.chain([None]) {
        let keys = KeyStore::new();
        let first = Manager::builder().keys(&keys).force(Force::ALWAYS);
        let first = if let Some(lie) = lie { first.lie(lie) } else { first.worker() }.start().unwrap();
        let second = Manager::builder().keys(&keys).force(Force::ALWAYS).start().unwrap();
        let folder = folder(None);
        let mut config = enrolling(folder.path(), &[&first, &second]).0;
        config.limits.enrol = Duration::from_secs(5);
        let agent = Agent::start(config);
        agent.feed.add(0..10);
        agent.wait_confirmed(10);
        assert_eq!(second.registrations().len(), 1, "{lie:?}");
        violations(&[&second]);
    }
}

#[test]
fn a_version_is_found_that_the_manager_takes() {
    for has_key in [false, true] {
        let manager = Manager::builder().max_version("v4.6.1").unwrap().start().unwrap();
        let folder = folder(has_key.then(|| manager.keys().add(NAME, None).unwrap()).as_ref());
        let mut config = enrolling(folder.path(), &[&manager]).0;
        config.version = "v4.14.7".parse().unwrap();
        let agent = Agent::start(config);
        agent.feed.add(0..1);
        agent.wait_confirmed(1);
        violations(&[&manager]);
    }
}

#[test]
fn a_manager_that_takes_no_version_is_named_with_the_reason() {
    let manager = Manager::builder().max_version("v3.9.0").unwrap().start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&manager]));
    agent.wait_failure("version");
    let trouble = agent.status.snapshot().trouble.unwrap();
    assert!(trouble.explain().contains("v4.0.0"), "{}", trouble.explain());
}

#[test]
fn a_key_that_the_managers_do_not_know_any_more_is_replaced() {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add(NAME, None).unwrap();
    let folder = folder(Some(&key));
    let agent = Agent::start(enrolling(folder.path(), &[&manager]).0);
    agent.feed.add(0..10);
    agent.wait_confirmed(10);
    manager.keys().remove(&key.id);
    manager.drop_connections();
    agent.feed.add(10..20);
    agent.wait_confirmed(20);
    assert_ne!(key_id(folder.path()), Some(key.id.clone()));
    assert_eq!(agent.status.snapshot().agent_id.as_deref(), key_id(folder.path()).as_deref());
    let registrations = manager.registrations();
    assert_eq!(registrations.len(), 1);
    assert_eq!(registrations.first().unwrap().request.key_hash, Some(key.sha1()));
}

#[test]
fn a_key_that_a_manager_still_knows_is_kept() {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add(NAME, None).unwrap();
    let (copied, folder) = (folder(Some(&key)), folder(Some(&key)));
    // While a copy of the node is connected, the manager turns the node itself away.
    let mut config = config(copied.path(), &[&manager]);
    config.limits.notify = PATIENCE;
    let copy = Agent::start(config);
    copy.wait_connected(&manager);
    let agent = Agent::start(enrolling(folder.path(), &[&manager]).0);
    assert!(manager.wait_for(PATIENCE, |manager| !manager.registrations().is_empty()));
    copy.stop();
    agent.wait_connected(&manager);
    let registrations = manager.registrations();
    let registration = registrations.first().unwrap();
    assert_eq!(registration.request.key_hash, Some(key.sha1()));
    assert!(registration.reply.contains("Duplicate agent name"), "{registration:?}");
    assert_eq!((registrations.len(), key_id(folder.path())), (1, Some(key.id)));
    assert!(agent.failures("closed_at_start") >= 3);
}

#[test]
fn another_agents_key_is_not_used() {
    let manager = Manager::start().unwrap();
    let other = manager.keys().add("other", None).unwrap();
    let folder = folder(Some(&other));
    let agent = Agent::start(enrolling(folder.path(), &[&manager]).0);
    agent.feed.add(0..1);
    agent.wait_confirmed(1);
    assert_eq!(manager.received().first().unwrap().agent_id, key_id(folder.path()).unwrap());
    assert_ne!(key_id(folder.path()), Some(other.id));
    violations(&[&manager]);
}

#[test]
fn a_key_is_waited_for_where_enrolment_is_off() {
    let manager = Manager::start().unwrap();
    let folder = folder(None);
    let agent = Agent::start(config(folder.path(), &[&manager]));
    agent.wait_failure("no_key");
    let key = manager.keys().add(NAME, None).unwrap();
    std::fs::write(folder.path().join("client.keys"), key.line()).unwrap();
    agent.feed.add(0..1);
    agent.wait_confirmed(1);
    violations(&[&manager]);
}

#[test]
fn a_key_file_that_cannot_be_read_is_said_and_stays() {
    let manager = Manager::start().unwrap();
    let folder = folder(None);
    let path = folder.path().join("client.keys");
    std::fs::write(&path, "001 node1 any short").unwrap();
    let agent = Agent::start(enrolling(folder.path(), &[&manager]).0);
    agent.wait_failure("key_file");
    agent.stop();
    assert_eq!(std::fs::read_to_string(path).unwrap(), "001 node1 any short");
    assert!(manager.registrations().is_empty());
}
