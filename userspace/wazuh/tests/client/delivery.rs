use std::time::Duration;

use rampart_testkit::manager::{ControlContent, Keep, Manager};
use rampart_wazuh::{Queue, event};

use crate::agent::{Agent, NAME, PATIENCE, config, folder, numbers, violations};

fn is_shutdown(content: &ControlContent) -> bool {
    matches!(content, ControlContent::Shutdown)
}

#[test]
fn events_arrive_in_order_and_are_confirmed() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&manager]));
    agent.feed.add(0..5000);
    agent.wait_confirmed(5000);
    assert_eq!(numbers(&manager), (0..5000).collect::<Vec<_>>());
    let started = manager.messages("wazuh-agent");
    assert_eq!(started, [format!("ossec: Agent started: '{NAME}->any'.")]);
    agent.stop();
    assert!(manager.wait_for(PATIENCE, |manager| manager.controls().iter().any(|c| is_shutdown(&c.content))));
    violations(&[&manager]);
}

/// Each fills a hundredth of what the queue gives unconfirmed: there are never so many on their way as to need a keepalive.
#[test]
fn long_events_do_not_wait_for_the_time() {
    let manager = Manager::builder().keep(Keep::Count).start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let mut config = config(folder.path(), &[&manager]);
    (config.limits.checkpoint, config.limits.notify) = (Duration::from_hours(1), Duration::from_hours(1));
    let agent = Agent::start(config);
    let event = event(Queue::LocalFile, "rampart", &b"x".repeat(40_000));
    (0..1000).for_each(|_| agent.feed.add_event(&event));
    agent.wait_confirmed(900);
    agent.stop();
    violations(&[&manager]);
}

#[test]
fn it_ends_when_all_that_will_ever_come_has_arrived() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&manager]));
    let feed = agent.feed.clone();
    feed.add(0..3);
    feed.close();
    agent.join();
    assert_eq!((feed.confirmed(), numbers(&manager)), (3, vec![0, 1, 2]));
    violations(&[&manager]);
}

#[test]
fn a_manager_that_starts_again_gets_the_rest() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&manager]));
    for round in 0..5 {
        agent.feed.add(round * 500..round * 500 + 500);
        assert!(manager.wait_for(PATIENCE, |manager| numbers(manager).last() >= Some(&(round * 500 + 100))));
        manager.kill();
        manager.revive().unwrap();
    }
    agent.wait_confirmed(2500);
    let mut numbers = numbers(&manager);
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, (0..2500).collect::<Vec<_>>());
    violations(&[&manager]);
}

#[test]
fn another_start_is_the_same_agent_with_greater_numbers() {
    let manager = Manager::start().unwrap();
    let key = manager.keys().add(NAME, None).unwrap();
    let folder = folder(Some(&key));
    for round in 0..3 {
        let agent = Agent::start(config(folder.path(), &[&manager]));
        agent.feed.add(round..round + 1);
        agent.wait_confirmed(1);
        assert_eq!(agent.status.snapshot().agent_id.as_deref(), Some(key.id.as_str()));
        agent.stop();
    }
    assert_eq!(numbers(&manager), [0, 1, 2]);
    violations(&[&manager]);
}

#[test]
fn an_event_that_is_too_long_is_counted_and_the_others_arrive() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&manager]));
    agent.feed.add(0..1);
    agent.feed.add_event(&vec![b'1'; 70_000]);
    agent.feed.add(1..2);
    agent.wait_confirmed(3);
    assert_eq!(numbers(&manager), [0, 1]);
    assert_eq!(agent.status.counters().events_too_long.get(), 1);
    violations(&[&manager]);
}

#[test]
fn the_start_is_announced_once() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let agent = Agent::start(config(folder.path(), &[&manager]));
    for round in 1..4 {
        agent.feed.add(round..round + 1);
        agent.wait_confirmed(usize::try_from(round).unwrap());
        manager.drop_connections();
        agent.wait("served again", |agent| agent.status.counters().connections.get() > round);
    }
    assert_eq!(manager.messages("wazuh-agent").len(), 1);
    violations(&[&manager]);
}

#[test]
fn it_does_not_end_while_the_manager_acknowledges_nothing() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let mut config = config(folder.path(), &[&manager]);
    config.limits.response = Duration::from_secs(1);
    let agent = Agent::start(config);
    agent.wait_connected(&manager);
    manager.ack(false);
    let feed = agent.feed.clone();
    feed.add(0..3);
    feed.close();
    agent.wait_failure("silent");
    manager.ack(true);
    agent.join();
    assert_eq!(feed.confirmed(), 3);
}

#[test]
fn what_is_there_when_it_is_stopped_is_sent() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    for round in 0..10 {
        let agent = Agent::start(config(folder.path(), &[&manager]));
        agent.wait_connected(&manager);
        let feed = agent.feed.clone();
        feed.add(round * 100..round * 100 + 100);
        agent.stop();
        assert_eq!(feed.confirmed(), 100);
    }
    assert_eq!(numbers(&manager), (0..1000).collect::<Vec<_>>());
    violations(&[&manager]);
}

#[test]
fn what_a_stop_leaves_unconfirmed_is_said_again() {
    let manager = Manager::start().unwrap();
    let folder = folder(Some(&manager.keys().add(NAME, None).unwrap()));
    let mut config = config(folder.path(), &[&manager]);
    // The manager is found to be lost while there is still time for the last words.
    config.limits.response = Duration::from_millis(500);
    let agent = Agent::start(config);
    agent.wait_connected(&manager);
    manager.stall(true);
    let feed = agent.feed.clone();
    feed.add(0..10);
    agent.stop();
    assert_eq!(feed.confirmed(), 0);
    manager.stall(false);
}
