//! All that is found reaches a manager, once at least, by the protocol of Wazuh's own agent, whoever is started again.

use std::{collections::BTreeSet, fs};

use rampart_e2e::{Agent, PATIENCE, spawn_named, text};
use rampart_testkit::manager::{Control, ControlContent, Keepalive, Label, Manager};
use rustix::process::Signal;
use serde_json::{Value as Json, json};

use crate::site::{NAME, Site, assert_content, manager};

const POLICY: &str = r#"
policy: { id: e2e, name: The test's own, file: e2e.yml, description: Of this host. }
checks:
  - id: 990001
    title: There are users
    condition: all
    rules: ["f:/etc/passwd -> r:root"]
  - id: 990002
    title: There is nobody
    compliance: [{ pci_dss: ["2.2.1"] }]
    condition: all
    rules: ["f:/etc/passwd -> r:^no-such-user:"]
"#;

/// A manager with an agent that is started again and again.
struct Stage {
    manager: Manager,
    site: Site,
    sinks: [Json; 2],
    config: String,
    /// What all agents so far have said on their standard output.
    told: Vec<Json>,
    made: u64,
}

impl Stage {
    fn new() -> Self {
        let manager = manager().groups(&["default", "kubernetes"]).start().unwrap();
        let site = Site::new();
        fs::write(site.path("policy.yml"), POLICY).unwrap();
        let mut wazuh = site.wazuh(&[&manager]);
        wazuh["wazuh"]["labels"] = json!({ "cluster": "prod" });
        wazuh["wazuh"]["notify_seconds"] = json!(1);
        wazuh["wazuh"]["enrolment"]["groups"] = json!(["kubernetes"]);
        let config = format!(
            "policies: [builtin, {}]\nsca: {{policies: [{}], cpu_percent: 100}}",
            site.path("rules").display(),
            site.path("policy.yml").display()
        );
        let sinks = [json!({ "stdout": { "format": "json" } }), wazuh];
        Self { manager, site, sinks, config, told: Vec::new(), made: 0 }
    }

    /// Starts an agent and waits until the manager has it.
    fn start(&self) -> Agent {
        let [stdout, wazuh] = &self.sinks;
        let agent = self.site.start(&[stdout, wazuh], &self.config);
        assert!(self.manager.wait_for(PATIENCE, |manager| manager.has("001")), "{:?}", agent.log());
        agent
    }

    /// Something happens that is found. Its number.
    fn deed(&mut self, agent: &Agent) -> u64 {
        let number = self.made;
        self.made += 1;
        self.site.make(number..self.made, 1000);
        let path = format!("/numbered/{number}");
        agent.wait_for(|finding| text(finding, "/file/path").ends_with(&path)).unwrap();
        number
    }

    fn end(&mut self, agent: Agent, signal: Signal) {
        let ended = agent.stop(signal).unwrap();
        self.told.extend(ended.findings);
        assert!(signal == Signal::KILL || ended.status.success(), "{:?}", ended.log);
    }

    /// Ids of findings as the manager has them, in order and as often.
    fn arrived(&self) -> Vec<String> {
        let messages = self.manager.messages("rampart");
        let id = |message: &String| text(&serde_json::from_str(message).unwrap(), "/rampart/event/id");
        messages.iter().map(id).collect()
    }

    fn has(&self, number: u64) -> bool {
        let path = format!("/numbered/{number}\"");
        self.manager.wait_for(PATIENCE, |manager| {
            manager.messages("rampart").iter().any(|message| message.contains(&path))
        })
    }

    /// SCA events of a type.
    fn sca(&self, kind: &str) -> Vec<Json> {
        let messages = self.manager.messages("sca");
        let events = messages.iter().map(|message| serde_json::from_str::<Json>(message).unwrap());
        events.filter(|event| text(event, "/type") == kind).collect()
    }

    fn wait_for_sca(&self, kind: &str, wanted: impl Fn(&Json) -> bool) {
        let all = || self.manager.messages("sca");
        let found = self.manager.wait_for(PATIENCE, |_| self.sca(kind).iter().any(&wanted));
        assert!(found, "no {kind} in {:#?}", all());
    }
}

fn keepalives(manager: &Manager) -> Vec<Keepalive> {
    let keepalive = |control: Control| match control.content {
        ControlContent::Keepalive(keepalive) => Some(keepalive),
        _ => None,
    };
    manager.controls().into_iter().filter_map(keepalive).collect()
}

/// The manager asks for all results of a policy, and gets them; and hears what the agent is.
fn results_and_labels(stage: &Stage) {
    stage.wait_for_sca("summary", |event| text(event, "/first_scan") == "1");
    stage.wait_for_sca("policies", |event| event["policies"] == json!(["e2e"]));
    stage.manager.request_sca_dump("001", "e2e", true).unwrap();
    stage.wait_for_sca("dump_end", |event| event["elements_sent"] == json!(2));
    stage.wait_for_sca("summary", |event| text(event, "/force_alert") == "1");
    let results: Vec<_> = stage
        .sca("check")
        .iter()
        .map(|event| (text(event, "/check/id"), text(event, "/check/result")))
        .collect();
    assert_eq!(
        results,
        [("990001", "passed"), ("990002", "failed")].map(|(id, result)| (id.into(), result.into()))
    );
    stage.manager.push_merged(b"!0 agent.conf\n").unwrap();
    assert!(stage.manager.wait_for(PATIENCE, |manager| {
        keepalives(manager).last().is_some_and(|keepalive| keepalive.merged_sum.is_some())
    }));
    let keepalive = keepalives(&stage.manager).pop().unwrap();
    let label = Label { key: "cluster".to_owned(), value: "prod".to_owned(), hidden: false };
    assert!(keepalive.labels.contains(&label), "{keepalive:?}");
    assert_eq!(keepalive.agent_ip.as_deref(), Some("127.0.0.1"));
    assert!(keepalive.uname.starts_with("Linux |e2e |"), "{}", keepalive.uname);
}

#[test]
fn all_that_is_found_arrives_over_every_restart() {
    let mut stage = Stage::new();
    let agent = stage.start();
    let mut miner = spawn_named(agent.as_ref(), "/bin/sleep", "xmrig", &["0"]).unwrap();
    miner.wait().unwrap();
    let found = agent.wait_for(|finding| text(finding, "/process/pid") == miner.id().to_string()).unwrap();
    let id = text(&found, "/event/id");
    assert!(stage.manager.wait_for(PATIENCE, |_| stage.arrived().contains(&id)), "{:?}", agent.log());
    results_and_labels(&stage);

    // The manager is started again.
    stage.manager.kill();
    let number = stage.deed(&agent);
    stage.manager.revive().unwrap();
    assert!(stage.has(number), "{:?}", agent.log());
    let number = stage.deed(&agent);
    assert!(stage.has(number), "{:?}", agent.log());

    // The agent, in peace and by a crash with something in its hands.
    stage.end(agent, Signal::INT);
    let agent = stage.start();
    stage.deed(&agent);
    stage.site.wait_until(&agent, "all has arrived", |site| site.waiting() == 0);
    stage.manager.kill();
    let number = stage.deed(&agent);
    stage.site.wait_until(&agent, "it is kept", |site| site.waiting() > 0);
    stage.end(agent, Signal::KILL);
    stage.manager.revive().unwrap();
    let agent = stage.start();
    assert!(stage.has(number), "{:?}", agent.log());
    let number = stage.deed(&agent);
    assert!(stage.has(number), "{:?}", agent.log());
    stage.site.wait_until(&agent, "all has arrived", |site| site.waiting() == 0);
    stage.end(agent, Signal::INT);
    judge(&stage);
}

fn judge(stage: &Stage) {
    assert_content(&stage.manager);
    let registrations = stage.manager.registrations();
    assert_eq!(registrations.len(), 1, "{registrations:?}");
    assert_eq!(registrations[0].request.name, NAME);
    let agents: BTreeSet<_> = stage.manager.received().into_iter().map(|event| event.agent_id).collect();
    assert_eq!(agents, BTreeSet::from(["001".to_owned()]));
    assert_eq!(stage.manager.messages("wazuh-agent").len(), 3, "each start is told once");

    // Those with a form of their own at the manager have no id there.
    let is_plain = |finding: &&Json| finding.pointer("/rampart/sca").is_none();
    let told: Vec<_> = stage.told.iter().filter(is_plain).map(|finding| text(finding, "/event/id")).collect();
    let arrived = stage.arrived();
    let mut once = BTreeSet::new();
    let in_order: Vec<_> = arrived.iter().filter(|id| once.insert(*id)).cloned().collect();
    assert_eq!(in_order, told, "what was told is what has arrived, in order");
    // Twice is only what was on its way when a connection or an agent ended.
    let again = arrived.len() - in_order.len();
    println!("{} findings, {again} of them came again", told.len());
    assert!(again <= 3, "{again}: {arrived:?}");
    let scans =
        stage.told.iter().filter(|finding| text(finding, "/event/action") == "policy_scanned").count();
    let is_asked = |event: &Json| text(event, "/force_alert") == "1";
    let summaries = stage.sca("summary").iter().filter(|event| !is_asked(event)).count();
    assert_eq!((scans, summaries), (3, 3));
}
