//! All that there is to tell, through the spool and an agent to a strict manager.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs is there, or the test fails"
)]
#![forbid(unsafe_code)]

use std::{fs, future::pending, path::Path, sync::Arc, time::Duration};

use rampart_bus::{CancellationToken, Outbox, Overflow, Sender, channel};
use rampart_model::{Assessment, FileChange, FileChangeKind, Finding, Severity, Subject};
use rampart_sinks::wazuh::{Agent, Config, Snapshots, WazuhEncoder};
use rampart_store::{
    Store,
    spool::{Keeper, Lane, Limits},
};
use rampart_testkit::{
    manager::{Manager, Received},
    sample,
};
use rampart_wazuh::ClientConfig;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A manager, and the folder of an agent that it knows.
struct Field {
    manager: Manager,
    folder: TempDir,
    agent_id: String,
}

impl Field {
    fn new() -> Self {
        let (manager, folder) = (Manager::start().unwrap(), tempfile::tempdir().unwrap());
        let key = manager.keys().add("node-1", None).unwrap();
        fs::write(folder.path().join("client.keys"), key.line()).unwrap();
        Self { manager, folder, agent_id: key.id }
    }

    fn client(&self) -> ClientConfig {
        let port = self.manager.events_address().port();
        let config = json!({ "managers": [{ "host": "127.0.0.1", "port": port }] });
        let config: Config = serde_json::from_value(config).unwrap();
        let mut client =
            config.client("node-1", Path::new("/"), self.folder.path(), || 1_767_323_045).unwrap();
        client.limits.checkpoint = Duration::from_millis(20);
        client
    }

    /// A spool that lasts as long as the folder.
    fn spool(&self) -> (Keeper, Outbox) {
        let lane = Lane {
            name: "wazuh".into(),
            minimum: Severity::Informational,
            encoder: Box::new(WazuhEncoder),
            limits: Limits::default(),
        };
        let (keeper, mut outboxes) = Keeper::new(Arc::new(Store::new(self.folder.path())), vec![lane]);
        (keeper, outboxes.remove(0))
    }

    /// Spool and agent, until `script` gives no more findings and all have arrived.
    async fn work(&self, snapshots: &Snapshots, script: impl AsyncFnOnce(Sender<Arc<Finding>>)) {
        let (keeper, outbox) = self.spool();
        let agent = Agent::new(self.client(), outbox, snapshots.clone(), Arc::default()).unwrap();
        let (sender, receiver) = channel("test", 16, Overflow::Block);
        let keep = keeper.run(receiver, CancellationToken::new(), |_, _| {});
        let work = Box::pin(async { tokio::join!(keep, agent.run(pending()), script(sender)) });
        tokio::time::timeout(PATIENCE, work).await.unwrap();
        assert_eq!(self.manager.violations(), Vec::<String>::new());
    }

    /// What has arrived but for the agent's own words, and the list of policies.
    fn arrived(&self) -> Vec<Received> {
        let mut received = self.manager.received();
        received.retain(|event| event.location != "wazuh-agent" && json_of(event)["type"] != "policies");
        received
    }
}

fn json_of(event: &Received) -> Json {
    serde_json::from_slice(&event.message).unwrap()
}

/// A finding, and where and as what it arrives: queue, location, and one field of it.
type Case = (Finding, Option<(u8, &'static str, &'static str, Json)>);

fn file(kind: FileChangeKind) -> Finding {
    sample::finding_of(Subject::File(Box::new(FileChange { kind, ..sample::file_change() })))
}

/// One of each subject.
fn cases() -> Vec<Case> {
    let mut cases = vec![(
        sample::finding(),
        Some((b'1', "rampart", "/rampart/rule/name", json!("Crypto miner executed"))),
    )];
    cases.extend(sample::state_findings().into_iter().map(|finding| {
        let expected = match &finding.subject {
            Subject::Health(_) => Some((b'1', "rampart", "/rampart/message", json!(finding.message()))),
            Subject::File(_) => Some((b'8', "syscheck", "/data/type", json!("modified"))),
            Subject::Assessment(assessment) => match &**assessment {
                Assessment::Changed(_) => Some((b'p', "sca", "/check/result", json!("failed"))),
                Assessment::Scanned(_) => Some((b'p', "sca", "/type", json!("summary"))),
                Assessment::Skipped { .. } => None,
            },
            Subject::Runtime { .. } => None,
        };
        (finding, expected)
    }));
    for (kind, name) in [(FileChangeKind::Added, "added"), (FileChangeKind::Deleted, "deleted")] {
        cases.push((file(kind), Some((b'8', "syscheck", "/data/type", json!(name)))));
    }
    cases
}

#[tokio::test]
async fn each_subject_arrives_where_a_manager_looks_for_it() {
    let (field, cases) = (Field::new(), cases());
    let findings: Vec<_> = cases.iter().map(|(finding, _)| Arc::new(finding.clone())).collect();
    let send = async |sender: Sender<Arc<Finding>>| {
        for finding in findings {
            sender.send(finding).await.unwrap();
        }
    };
    field.work(&Snapshots::default(), send).await;
    // What has arrived is not said again.
    field.work(&Snapshots::default(), async |_| {}).await;
    let arrived = field.arrived();
    let expected: Vec<_> = cases.into_iter().filter_map(|(_, expected)| expected).collect();
    assert_eq!(arrived.len(), expected.len());
    for (event, (queue, location, field, value)) in arrived.iter().zip(expected) {
        let text = event.text();
        assert_eq!((event.queue, event.location.as_str()), (queue, location), "{text}");
        assert_eq!(json_of(event).pointer(field), Some(&value), "{text}");
    }
}

#[tokio::test]
async fn a_manager_that_asks_for_a_policy_gets_it_while_findings_arrive() {
    let (field, snapshots) = (Field::new(), Snapshots::default());
    snapshots.publish(vec![Arc::new(sample::policy_snapshot())]);
    let (manager, agent_id) = (&field.manager, &field.agent_id);
    let ask = async |sender: Sender<Arc<Finding>>| {
        until(|| manager.has(agent_id)).await;
        manager.request_sca_dump(agent_id, "cis_linux", true).unwrap();
        sender.send(Arc::new(sample::finding())).await.unwrap();
        // A check, the end of the checks, and the summary.
        until(|| field.arrived().len() == 4).await;
    };
    field.work(&snapshots, ask).await;
    let mut arrived = field.arrived();
    arrived.retain(|event| event.queue == b'p');
    let told: Vec<_> = arrived.iter().map(json_of).collect();
    let kinds: Vec<_> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["check", "dump_end", "summary"]);
    assert_eq!(
        (&told[0]["check"]["id"], &told[1]["elements_sent"], &told[2]["force_alert"]),
        (&json!(28_500), &json!(1), &json!("1"))
    );
    let lists = manager.received().iter().filter(|event| event.text().contains("policies\":")).count();
    assert!(lists >= 1, "the manager hears which policies there are");
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
