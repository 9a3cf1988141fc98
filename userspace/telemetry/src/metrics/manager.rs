use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use rampart_model::Timestamp;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges, LABEL_SETS},
    registrar::Registrar,
};

/// A sink, and the address of one of its managers as it is configured.
type Place = (Box<str>, Box<str>);

/// How it goes with the managers that the agent reports to.
#[derive(Debug)]
pub(super) struct Manager {
    managers: Mutex<BTreeMap<Place, bool>>,
    /// By sink.
    ids: Mutex<BTreeMap<Box<str>, Box<str>>>,
    connected: Gauges,
    connections: Counters,
    failures: Counters,
    enrolments: Counters,
    sent: Counters,
    ignored: Counters,
    last_ack: Gauges,
    agent: Gauges,
}

impl Manager {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            managers: Mutex::default(),
            ids: Mutex::default(),
            connected: registrar.gauges(
                "rampart_manager_connected",
                "Whether the agent is connected to a manager that it is configured for: 1 or 0.",
                &["sink", "manager"],
            )?,
            connections: registrar.counters(
                "rampart_manager_connections_total",
                "Connections to a manager that it has answered to.",
                &["sink"],
            )?,
            failures: registrar.counters(
                "rampart_manager_failures_total",
                "Connections to a manager that failed or ended, by why.",
                &["sink", "reason"],
            )?,
            enrolments: registrar.counters(
                "rampart_manager_enrolments_total",
                "Keys that a manager has given to the agent: done. Attempts that failed are among the failures.",
                &["sink", "result"],
            )?,
            sent: registrar.counters(
                "rampart_manager_sent_total",
                "Messages sent to a manager: event, keepalive or state.",
                &["sink", "kind"],
            )?,
            ignored: registrar.counters(
                "rampart_manager_ignored_total",
                "Messages of a manager that the agent does not act on.",
                &["sink", "command"],
            )?,
            last_ack: registrar.gauges(
                "rampart_manager_last_ack_timestamp_seconds",
                "When a manager last acknowledged a sign of life.",
                &["sink"],
            )?,
            agent: registrar.gauges(
                "rampart_agent_info",
                "The number by which managers know the agent.",
                &["sink", "agent_id"],
            )?,
        })
    }

    /// Whether any of the managers is; none where there is none to be connected to.
    pub(super) fn is_connected(&self) -> Option<bool> {
        let managers = self.managers.lock().unwrap_or_else(PoisonError::into_inner);
        (!managers.is_empty()).then(|| managers.values().any(|connected| *connected))
    }
}

impl Metrics {
    /// Sets whether the agent is connected to a manager. To be told of each that is configured, from the start: whoever has
    /// managers is up only while connected to one.
    pub fn manager_connected(&self, sink: &str, manager: &str, connected: bool) {
        let family = &self.families.manager;
        family.connected.set(&[sink, manager], connected.into());
        let mut managers = family.managers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (sink.into(), manager.into());
        if managers.len() < LABEL_SETS || managers.contains_key(&key) {
            managers.insert(key, connected);
        }
    }

    /// Sets how often a manager has answered a new connection.
    pub fn manager_connections(&self, sink: &str, total: u64) {
        self.families.manager.connections.raise(&[sink], total);
    }

    /// Sets how often connections failed or ended for a reason, one of a closed set.
    pub fn manager_failures(&self, sink: &str, reason: &'static str, total: u64) {
        self.families.manager.failures.raise(&[sink, reason], total);
    }

    /// Sets how many keys managers have given.
    pub fn manager_enrolments(&self, sink: &str, result: &'static str, total: u64) {
        self.families.manager.enrolments.raise(&[sink, result], total);
    }

    /// Sets how many messages of a kind were sent: event, keepalive or state.
    pub fn manager_sent(&self, sink: &str, kind: &'static str, total: u64) {
        self.families.manager.sent.raise(&[sink, kind], total);
    }

    /// Sets how many messages of a manager were not acted on, by what they are.
    pub fn manager_ignored(&self, sink: &str, command: &str, total: u64) {
        self.families.manager.ignored.raise(&[sink, command], total);
    }

    /// Sets when a manager last acknowledged a sign of life.
    pub fn manager_last_ack(&self, sink: &str, time: Timestamp) {
        self.families.manager.last_ack.set(&[sink], time.since(Timestamp::EPOCH).as_secs());
    }

    /// Sets the number by which the managers of a sink know the agent. There is one at a time.
    pub fn manager_agent_id(&self, sink: &str, id: &str) {
        let family = &self.families.manager;
        let mut ids = family.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = ids.insert(sink.into(), id.into()).filter(|before| **before != *id) {
            family.agent.remove(&[sink, &before]);
        }
        family.agent.set(&[sink, id], 1);
    }
}
