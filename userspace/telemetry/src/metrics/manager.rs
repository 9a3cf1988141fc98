use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use prometheus::{Gauge, IntCounter};
use rampart_model::Timestamp;

use super::{
    Metrics, MetricsError,
    bound::{Counters, Gauges, LABEL_SETS, raise},
    registrar::Registrar,
};

/// How it goes with the managers that the agent reports to.
#[derive(Debug)]
pub(super) struct Manager {
    /// By address, as configured.
    managers: Mutex<BTreeMap<Box<str>, bool>>,
    connected: Gauges,
    connections: IntCounter,
    failures: Counters,
    enrolments: Counters,
    sent: Counters,
    ignored: Counters,
    last_ack: Gauge,
    agent: Gauges,
}

impl Manager {
    pub(super) fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
        Ok(Self {
            managers: Mutex::default(),
            connected: registrar.gauges(
                "rampart_manager_connected",
                "Whether the agent is connected to a manager that it is configured for: 1 or 0.",
                &["manager"],
            )?,
            connections: registrar.counter(
                "rampart_manager_connections_total",
                "Connections to a manager that it has answered to.",
            )?,
            failures: registrar.counters(
                "rampart_manager_failures_total",
                "Connections to a manager that failed or ended, by why.",
                &["reason"],
            )?,
            enrolments: registrar.counters(
                "rampart_manager_enrolments_total",
                "Attempts at getting a key from a manager, by how they ended.",
                &["result"],
            )?,
            sent: registrar.counters(
                "rampart_manager_sent_total",
                "Messages sent to a manager: event, keepalive or response.",
                &["kind"],
            )?,
            ignored: registrar.counters(
                "rampart_manager_ignored_total",
                "Messages of a manager that the agent does not act on.",
                &["command"],
            )?,
            last_ack: registrar.real(
                "rampart_manager_last_ack_timestamp_seconds",
                "When a manager last acknowledged a sign of life; 0 where none has.",
            )?,
            agent: registrar.gauges(
                "rampart_agent_info",
                "The number by which managers know the agent.",
                &["agent_id"],
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
    pub fn manager_connected(&self, manager: &str, connected: bool) {
        let family = &self.families.manager;
        family.connected.set(&[manager], connected.into());
        let mut managers = family.managers.lock().unwrap_or_else(PoisonError::into_inner);
        if managers.len() < LABEL_SETS || managers.contains_key(manager) {
            managers.insert(manager.into(), connected);
        }
    }

    /// Sets how often a manager has answered a new connection.
    pub fn manager_connections(&self, total: u64) {
        raise(&self.families.manager.connections, total);
    }

    /// Sets how often connections failed or ended for a reason, one of a closed set.
    pub fn manager_failures(&self, reason: &'static str, total: u64) {
        self.families.manager.failures.raise(&[reason], total);
    }

    /// Sets how many attempts at getting a key ended so, one of a closed set.
    pub fn manager_enrolments(&self, result: &'static str, total: u64) {
        self.families.manager.enrolments.raise(&[result], total);
    }

    /// Sets how many messages of a kind were sent: event, keepalive or response.
    pub fn manager_sent(&self, kind: &'static str, total: u64) {
        self.families.manager.sent.raise(&[kind], total);
    }

    /// Sets how many messages of a manager were not acted on, by what they are.
    pub fn manager_ignored(&self, command: &str, total: u64) {
        self.families.manager.ignored.raise(&[command], total);
    }

    /// Sets when a manager last acknowledged a sign of life.
    pub fn manager_last_ack(&self, time: Timestamp) {
        self.families.manager.last_ack.set(time.since(Timestamp::EPOCH).as_secs_f64());
    }

    /// Sets the number by which managers know the agent. There is one at a time.
    pub fn manager_agent_id(&self, id: &str) {
        self.families.manager.agent.set_only(&[id], 1);
    }
}
