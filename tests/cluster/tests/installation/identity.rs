//! A node stays one agent at its manager, whatever becomes of the pod.

use serde_json::json;

use crate::{
    site::Site,
    workload::{Kind, NAMESPACE, Workload},
};

#[test]
fn a_node_stays_one_agent_over_new_pods_and_upgrades() {
    let site = Site::get();
    let first = agent_of_a_miner(site, "before");
    let agent = site.agent();
    let old = agent.pod.clone();
    let agent = agent.replace().unwrap();
    assert_ne!(agent.pod, old);
    assert_eq!(agent_of_a_miner(site, "replaced"), first, "a new pod");
    site.chart().upgrade(json!({ "agent": { "podAnnotations": { "tests/upgraded": "yes" } } })).unwrap();
    assert_ne!(site.agent().pod, agent.pod);
    assert_eq!(agent_of_a_miner(site, "upgraded"), first, "an upgrade");
    site.managers.check().unwrap();
}

/// The id of the agent that tells of a deed that is done now.
fn agent_of_a_miner(site: &Site, name: &str) -> String {
    let mark = site.managers.mark();
    let miner = Workload::new(Kind::Job, name, "mkdir /opt; cp /bin/busybox /opt/xmrig; /opt/xmrig || true");
    site.kubectl.fresh_namespace(NAMESPACE).unwrap();
    miner.install(&site.kubectl);
    let is_it = |finding: &rampart_cluster::Finding| {
        finding.rule() == "Cryptocurrency miner started"
            && finding.text("orchestrator.resource.name").starts_with(name)
    };
    site.managers.wait_for(&mark, name, is_it).unwrap().agent
}
