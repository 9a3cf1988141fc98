//! What is scanned is the node: not the container that the agent is in.

use std::collections::BTreeMap;

use rampart_cluster::{Results, until};

use crate::site::Site;

/// What somebody does to the node, what undoes it, and a check that is about it.
const BREAK: &str = "chmod 644 /etc/kubernetes/manifests/kube-scheduler.yaml";
const MEND: &str = "chmod 600 /etc/kubernetes/manifests/kube-scheduler.yaml";
const CHECK: u64 = 50301;

/// The results that the manager has been told, as they are now.
fn told(site: &Site) -> Results {
    let mut results = BTreeMap::new();
    for line in site.managers.since(&site.managers.beginning()).unwrap() {
        let Some(check) = line.json.pointer("/message/check") else { continue };
        let text =
            |name: &str| check.get(name).and_then(serde_json::Value::as_str).unwrap_or("not applicable");
        if let Some(id) = check.get("id").and_then(serde_json::Value::as_u64) {
            results.insert(id, text("result").to_owned());
        }
    }
    results
}

#[test]
fn the_agent_in_its_pod_finds_what_a_scan_on_the_node_finds() {
    let site = Site::get();
    let agent = site.agent();
    agent.scan().unwrap();
    // What is being installed or removed meanwhile would be seen by one scan and not by the other.
    let on_node = site.node.results().unwrap();
    agent.scan().unwrap();
    let differing = || {
        let told = told(site);
        let differs = |(id, result): &(&u64, &String)| told.get(id) != Some(result);
        on_node
            .iter()
            .filter(differs)
            .map(|(id, result)| (*id, result.clone(), told.get(id).cloned()))
            .collect()
    };
    let differing: Vec<(u64, String, Option<String>)> = differing();
    assert_eq!(on_node.len(), 167, "the node has everything that policies require");
    assert!(differing.is_empty(), "check, on the node, told: {differing:#?}");
}

#[test]
fn what_is_broken_on_the_node_is_told() {
    let site = Site::get();
    let agent = site.agent();
    for (deed, expected) in [(MEND, "passed"), (BREAK, "failed"), (MEND, "passed")] {
        site.node.run(deed).unwrap();
        agent.scan().unwrap();
        let is_told = || Ok((told(site).get(&CHECK).map(String::as_str) == Some(expected)).then_some(()));
        until(&format!("check {CHECK} to have {expected} after `{deed}`"), is_told).unwrap();
    }
}
