use std::{fs, future::pending, path::Path, sync::Arc};

use rampart_bus::Outbox;
use rampart_sinks::wazuh::{Agent, Config, Snapshots};
use rampart_wazuh::Status;
use serde_json::json;

use super::current_thread;
use crate::{
    Outcome,
    manager::{AGENT, Place},
};

/// The agent that the daemon has, with a key that the manager knows.
pub(super) fn new(folder: &Path, place: &Place, outbox: Outbox) -> Outcome<(Agent, Status)> {
    fs::write(folder.join("client.keys"), &place.key)?;
    let config = json!({ "managers": [{ "host": "127.0.0.1", "port": place.port }] });
    let config: Config = serde_json::from_value(config)?;
    // Each manager is a new one, to whom all numbers are new.
    let client = config.client(AGENT, Path::new("/"), folder, || 1_767_323_045)?;
    let agent = Agent::new(client, outbox, Snapshots::default(), Arc::default())?;
    let status = agent.status();
    Ok((agent, status))
}

/// Until nothing more comes, and all has arrived.
pub(super) fn run(agent: Agent) -> Outcome<()> {
    current_thread()?.block_on(agent.run(pending()));
    Ok(())
}
