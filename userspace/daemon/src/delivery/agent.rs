use std::{
    borrow::{Borrow, BorrowMut},
    path::{Path, PathBuf},
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use anyhow::Context as _;
use rampart_bus::{Outbox, SinkState};
use rampart_sinks::wazuh::{Agent, Snapshots};
use rampart_wazuh::{ClientConfig, Status};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::SinkTask;

/// The sink to Wazuh's managers. One that panics is made anew, with the same outbox.
pub(super) struct AgentTask {
    client: ClientConfig,
    folder: PathBuf,
    snapshots: Snapshots,
    state: Arc<SinkState>,
    status: Arc<StdMutex<Option<Status>>>,
}

/// A sink to Wazuh's managers, as the accountant sees it.
pub(super) struct WatchedAgent {
    pub(super) sink: Arc<str>,
    /// Of the account before.
    pub(super) acknowledgements: u64,
    pub(super) managers: Vec<String>,
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) state: Arc<SinkState>,
    status: Arc<StdMutex<Option<Status>>>,
}

/// The outbox, as long as a task has it.
struct Held(OwnedMutexGuard<Outbox>);

impl Borrow<Outbox> for Held {
    fn borrow(&self) -> &Outbox {
        &self.0
    }
}

impl BorrowMut<Outbox> for Held {
    fn borrow_mut(&mut self) -> &mut Outbox {
        &mut self.0
    }
}

impl AgentTask {
    pub(super) fn new(
        client: ClientConfig,
        folder: PathBuf,
        snapshots: Snapshots,
        state: Arc<SinkState>,
    ) -> Self {
        Self { client, folder, snapshots, state, status: Arc::default() }
    }

    pub(super) fn watched(&self, sink: &Arc<str>) -> WatchedAgent {
        WatchedAgent {
            sink: Arc::clone(sink),
            acknowledgements: 0,
            managers: self.client.managers.iter().map(ToString::to_string).collect(),
            name: self.client.name.clone(),
            folder: self.folder.clone(),
            state: Arc::clone(&self.state),
            status: Arc::clone(&self.status),
        }
    }

    pub(super) fn supervise(self, task: SinkTask<'_>) {
        let SinkTask { name, outbox, last_call, supervisor, .. } = task;
        let (outbox, last_call, agent) = (Arc::new(Mutex::new(outbox)), last_call.clone(), Arc::new(self));
        supervisor.supervise(name, move || {
            let (outbox, last_call, agent) = (Arc::clone(&outbox), last_call.clone(), Arc::clone(&agent));
            async move {
                make_folder(&agent.folder)?;
                let outbox = Held(outbox.lock_owned().await);
                let running = Agent::new(
                    agent.client.clone(),
                    outbox,
                    agent.snapshots.clone(),
                    Arc::clone(&agent.state),
                )?;
                *agent.status.lock().unwrap_or_else(PoisonError::into_inner) = Some(running.status());
                Box::pin(running.run(last_call.cancelled())).await;
                anyhow::Ok(())
            }
        });
    }
}

impl WatchedAgent {
    pub(super) fn status(&self) -> Option<Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Only its owner may look into it: the agent's key is there.
pub(super) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("{}", folder.display()))
}
