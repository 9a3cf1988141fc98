use std::{collections::BTreeSet, time::Duration};

use rampart_testkit::manager::{ControlContent, KeyStore, Lie, Manager};

use crate::agent::{Agent, NAME, PATIENCE, config, folder, numbers, violations};

fn cluster() -> (Manager, Manager, KeyStore) {
    let keys = KeyStore::new();
    let start = || Manager::builder().keys(&keys).start().unwrap();
    (start(), start(), keys)
}

fn union(managers: &[&Manager]) -> BTreeSet<u64> {
    managers.iter().flat_map(|manager| numbers(manager)).collect()
}

#[test]
fn the_second_manager_gets_what_the_first_has_not_confirmed() {
    let (first, second, keys) = cluster();
    let folder = folder(Some(&keys.add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&first, &second]));
    agent.feed.add(0..3000);
    assert!(first.wait_for(PATIENCE, |first| first.count() > 700));
    first.kill();
    agent.wait_confirmed(3000);
    assert_eq!(union(&[&first, &second]), (0..3000).collect());
    assert!(numbers(&second).is_sorted());
    violations(&[&first, &second]);
}

#[test]
fn a_manager_that_takes_nothing_or_answers_nothing_is_left() {
    let ways: [fn(&Manager, bool); 2] = [|manager, on| manager.stall(on), |manager, on| manager.ack(!on)];
    for silence in ways {
        let (first, second, keys) = cluster();
        let folder = folder(Some(&keys.add(NAME, None).unwrap()));
        let mut config = config(folder.path(), &[&first, &second]);
        config.limits.response = Duration::from_secs(1);
        let agent = Agent::start(config);
        agent.wait_connected(&first);
        silence(&first, true);
        agent.feed.add(0..2000);
        agent.wait_connected(&second);
        agent.wait_confirmed(2000);
        assert!(agent.failures("silent") > 0);
        assert_eq!(numbers(&second), (0..2000).collect::<Vec<_>>());
        silence(&first, false);
        violations(&[&second]);
    }
}

#[test]
fn it_goes_back_to_the_preferred_manager_when_that_is_there_again() {
    let (first, second, keys) = cluster();
    let folder = folder(Some(&keys.add(NAME, None).unwrap()));
    let mut config = config(folder.path(), &[&first, &second]);
    config.limits.failback = Duration::from_millis(50);
    first.kill();
    let agent = Agent::start(config);
    agent.feed.add(0..10);
    agent.wait_connected(&second);
    agent.wait_confirmed(10);
    first.revive().unwrap();
    agent.wait_connected(&first);
    agent.feed.add(10..20);
    agent.wait_confirmed(20);
    assert_eq!((numbers(&second), numbers(&first)), ((0..10).collect(), (10..20).collect()));
    let left =
        |manager: &Manager| manager.controls().iter().any(|c| matches!(c.content, ControlContent::Shutdown));
    assert!(second.wait_for(PATIENCE, left), "it says good-bye");
    violations(&[&first, &second]);
}

#[test]
fn a_manager_that_was_stuck_gets_the_rest() {
    let (manager, _, keys) = cluster();
    let folder = folder(Some(&keys.add(NAME, None).unwrap()));
    let mut config = config(folder.path(), &[&manager]);
    config.limits.response = Duration::from_secs(1);
    let agent = Agent::start(config);
    agent.wait_connected(&manager);
    manager.stall(true);
    agent.feed.add(0..1000);
    agent.wait_failure("silent");
    manager.stall(false);
    agent.wait_confirmed(1000);
    assert_eq!(union(&[&manager]), (0..1000).collect());
    assert_eq!(agent.failures("closed_at_start"), 0, "what it holds for a while says nothing of our key");
}

#[test]
fn lies_are_survived_with_the_next_manager() {
    for lie in Lie::ALL.into_iter().filter(|lie| !lie.is_of_enrolment()) {
        let (first, second, keys) = cluster();
        first.lie(lie);
        let folder = folder(Some(&keys.add(NAME, None).unwrap()));
        let mut config = config(folder.path(), &[&first, &second]);
        config.limits.response = Duration::from_secs(1);
        let agent = Agent::start(config);
        for round in 0..20 {
            agent.feed.add(round * 10..round * 10 + 10);
            std::thread::sleep(Duration::from_millis(2));
        }
        agent.wait_confirmed(200);
        assert_eq!(union(&[&first, &second]), (0..200).collect(), "{lie:?}");
        violations(&[&second]);
    }
}
