use std::{fs, future::pending, path::Path, sync::Arc, time::Duration};

use rampart_bus::{Encode as _, Message, Outbox, SinkState};
use rampart_model::Finding;
use rampart_sinks::wazuh::{Agent, Config, Snapshots, WazuhEncoder};
use rampart_testkit::manager::Manager;
use rampart_wazuh::{ClientConfig, Limits};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    destination::{Delivery, Destination, Mood, Trouble},
    gate::{Gate, Way},
};

const PASSWORD: &str = "hunter2-password";
const PASSWORD_FILE: &str = "password";
const AUTHORITY: &str = "authority.pem";
const NODE: &str = "node-1";

/// Connections are cut after so many bytes: within the messages.
const CUT: u64 = 3000;

/// A manager of Wazuh's that lets in whoever knows the password, and finds fault with everything.
#[derive(Debug)]
pub(crate) struct Station {
    manager: Manager,
    gate: Gate,
    folder: TempDir,
}

/// An agent that is not started yet.
#[derive(Debug)]
pub(crate) struct Idle(ClientConfig);

impl Destination for Station {
    type Sink = Idle;
    const TROUBLES: &[Trouble] = &[
        (Mood::Refusing, Some("acknowledges nothing any more")),
        (Mood::Unreachable, Some("cannot be reached")),
        (Mood::Stalling, Some("does not answer")),
        (Mood::Closing, Some("connection")),
    ];
    const IS_CHOOSY: bool = false;

    async fn start() -> Self {
        let manager = Manager::builder().password(PASSWORD).start().unwrap();
        let gate = Gate::before(manager.events_address()).await;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(PASSWORD_FILE), PASSWORD).unwrap();
        fs::write(folder.path().join(AUTHORITY), manager.authority_pem()).unwrap();
        Self { manager, gate, folder }
    }

    fn sink(&self) -> Idle {
        let config = json!({
            "managers": [{
                "host": "127.0.0.1",
                "port": self.gate.address().port(),
                "enrolment_port": self.manager.enrolment_address().port(),
            }],
            "enrolment": {
                "password": { "file": self.folder.path().join(PASSWORD_FILE) },
                "tls": { "ca_file": self.folder.path().join(AUTHORITY) },
            },
            "response_seconds": 1,
        });
        let config: Config = serde_json::from_value(config).unwrap();
        let client = config.client(NODE, Path::new("/"), self.folder.path(), || 1_767_323_045).unwrap();
        Idle(ClientConfig { limits: hasty(client.limits), ..client })
    }

    async fn set(&mut self, mood: Mood) {
        self.manager.ack(mood != Mood::Refusing);
        let way = match mood {
            // On the connection that there is.
            Mood::Refusing => return,
            Mood::Well => Way::Open,
            Mood::Unreachable => Way::Shut,
            Mood::Stalling => Way::Stalling,
            Mood::Closing => Way::Cut(CUT),
        };
        self.gate.set(way).await;
    }

    fn arrived(&self) -> Vec<u8> {
        assert_eq!(self.manager.violations(), Vec::<String>::new());
        self.manager.messages("rampart").concat().into_bytes()
    }

    fn secrets(&self) -> Vec<String> {
        let keys = self.manager.keys().keys().into_iter().map(|key| key.secret);
        keys.chain([PASSWORD.to_owned()]).collect()
    }
}

/// So that the test is short.
fn hasty(limits: Limits) -> Limits {
    Limits {
        checkpoint: Duration::from_millis(20),
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(100),
        ..limits
    }
}

impl Delivery for Idle {
    fn encoded(&self, finding: &Finding) -> Message {
        WazuhEncoder.message(finding).unwrap()
    }

    async fn deliver(self, _name: &str, outbox: Outbox, state: &Arc<SinkState>) {
        let agent = Agent::new(self.0, outbox, Snapshots::default(), Arc::clone(state)).unwrap();
        let status = agent.status();
        let mut changes = status.changes();
        // What an agent has trouble with stands in its status.
        let tell = async {
            while changes.changed().await.is_ok() {
                let trouble = changes.borrow_and_update().trouble.clone();
                if let Some(trouble) = trouble {
                    state.set_trouble(Some(trouble.explain().into()));
                }
            }
        };
        tokio::select! {
            () = agent.run(pending()) => {}
            () = tell => {}
        }
    }
}
