use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use rampart_bus::{CancellationToken, FanOut, SinkState, Supervisor};
use rampart_model::{Finding, FindingId, Health, Phase, Severity, Subject};
use rampart_store::spool::SpoolState;
use rampart_telemetry::{Metrics, ModuleHealth, Need, Readiness};
use tokio::{sync::Mutex, task::JoinHandle, time::MissedTickBehavior};

use super::{AgentReport, agent::WatchedAgent, now};
use crate::episode::Episodes;

/// Between two accounts.
const PAUSE: Duration = Duration::from_secs(1);

/// Accounts after which a report is written, if nothing has changed: whoever reads it sees that the agent runs.
const REPORT: u32 = 10;

/// Tells metrics, readiness and people how sinks and the spool are.
pub(super) struct Accountant {
    node: Arc<str>,
    metrics: Metrics,
    ready: Readiness,
    sinks: Vec<(Arc<str>, Arc<SinkState>, ModuleHealth)>,
    spool: Option<(Arc<SpoolState>, ModuleHealth)>,
    agents: Vec<Watched>,
    dropped: Episodes<Arc<str>>,
    failing: Episodes<()>,
    before: Before,
    turns: u32,
}

/// An agent of Wazuh's, with what was last written down of it.
struct Watched {
    agent: WatchedAgent,
    last: Option<AgentReport>,
    writing: Option<JoinHandle<()>>,
}

/// Counts of the account before.
#[derive(Default)]
struct Before {
    dropped: BTreeMap<Arc<str>, u64>,
    write_errors: u64,
    why: Arc<str>,
}

impl Accountant {
    pub(super) fn new(node: Arc<str>, metrics: Metrics, ready: Readiness) -> Self {
        Self {
            node,
            metrics,
            ready,
            sinks: Vec::new(),
            spool: None,
            agents: Vec::new(),
            dropped: Episodes::default(),
            failing: Episodes::default(),
            before: Before::default(),
            turns: 0,
        }
    }

    pub(super) fn add_sink(&mut self, name: Arc<str>) -> Arc<SinkState> {
        let (state, health) =
            (Arc::new(SinkState::default()), self.ready.module(Arc::clone(&name), Need::Optional));
        self.sinks.push((name, Arc::clone(&state), health));
        state
    }

    pub(super) fn watch_spool(&mut self, state: Arc<SpoolState>) {
        self.spool = Some((state, self.ready.module("spool", Need::Optional)));
    }

    pub(super) fn watch_agent(&mut self, agent: WatchedAgent) {
        for manager in &agent.managers {
            self.metrics.manager_connected(&agent.sink, manager, false);
        }
        self.agents.push(Watched { agent, last: None, writing: None });
    }

    /// Gives an account every second, and a last one.
    pub(super) fn supervise(self, fan_out: FanOut, supervisor: &mut Supervisor, closing: &CancellationToken) {
        let closing = closing.clone();
        let shared = Arc::new(Mutex::new((self, fan_out)));
        supervisor.supervise("accounts", move || {
            let (shared, closing) = (Arc::clone(&shared), closing.clone());
            async move {
                let mut shared = shared.lock().await;
                let (accountant, fan_out) = &mut *shared;
                let mut ticks = tokio::time::interval(PAUSE);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                let mut ended = false;
                while !ended {
                    tokio::select! {
                        _ = ticks.tick() => {}
                        () = closing.cancelled() => ended = true,
                    }
                    for health in accountant.account() {
                        let told = accountant.finding(health);
                        tokio::select! {
                            biased;
                            // Standard output may hold us up for ever.
                            () = closing.cancelled() => ended = true,
                            published = fan_out.publish(told) => if published.is_err() {
                                tracing::debug!("a finding has no sink left to go to");
                            },
                        }
                    }
                }
                // Who waits for the end of all findings must not wait for ours.
                *fan_out = FanOut::default();
                Ok::<(), Infallible>(())
            }
        });
    }

    fn finding(&self, health: Health) -> Finding {
        let subject = Subject::Health(health);
        let finding = Finding { id: FindingId::random(), time: now(), node: Arc::clone(&self.node), subject };
        self.metrics.finding(&finding, finding.time);
        finding
    }

    fn account(&mut self) -> Vec<Health> {
        self.turns += 1;
        self.account_agents();
        for (name, state, health) in &self.sinks {
            self.metrics.sink(name, state.delivered(), state.retries());
            self.metrics.findings_refused(name, state.refused());
            match state.trouble() {
                None => health.ok(),
                Some(trouble) => health.degraded(&*trouble),
            }
        }
        self.account_spool()
    }

    fn account_spool(&mut self) -> Vec<Health> {
        let Some((state, health)) = &self.spool else { return Vec::new() };
        let mut dropped = Vec::new();
        for lane in state.lanes() {
            let name = lane.name();
            self.metrics.spool(name, lane.bytes(), lane.messages(), lane.in_memory());
            let mut total = 0;
            for severity in Severity::ALL {
                let count = lane.dropped(severity);
                self.metrics.spool_dropped(name, severity, count);
                total += count;
            }
            let before = self.before.dropped.insert(Arc::clone(name), total).unwrap_or(0);
            dropped.push((Arc::clone(name), total.saturating_sub(before)));
        }
        self.metrics.spool_write_errors(state.write_errors());
        let new = state.write_errors().saturating_sub(self.before.write_errors);
        self.before.write_errors = state.write_errors();
        // It lasts as long as the trouble does, and not as long as somebody tries again.
        let failing = match state.trouble() {
            None => {
                health.ok();
                new
            }
            Some(trouble) => {
                health.degraded(format!("findings are kept in memory only: {trouble}"));
                self.before.why = trouble;
                new.max(1)
            }
        };
        let error = &self.before.why;
        let failing = self.failing.update([((), failing)], now()).into_iter();
        let failing = failing.map(|((), phase)| Health::SpoolUnavailable { error: Arc::clone(error), phase });
        let dropped = self.dropped.update(dropped, now()).into_iter();
        failing.chain(dropped.map(|(sink, phase)| told_dropped(sink, phase))).collect()
    }

    fn account_agents(&mut self) {
        for Watched { agent, last, writing } in &mut self.agents {
            let Some(status) = agent.status() else { continue };
            let acknowledgements = status.counters().acknowledgements.get();
            let acknowledged =
                std::mem::replace(&mut agent.acknowledgements, acknowledgements) != acknowledgements;
            account_agent(&self.metrics, agent, &status, acknowledged);
            let report = AgentReport::new(&agent.name, &agent.managers, &status, now());
            let is_news = last.as_ref().is_none_or(|last| {
                last.state != report.state || last.manager != report.manager || last.trouble != report.trouble
            });
            if !is_news && !self.turns.is_multiple_of(REPORT) {
                continue;
            }
            if writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
                continue;
            }
            let (written, folder) = (report.clone(), agent.folder.clone());
            // A disk that is slow holds up nothing else.
            *writing = Some(tokio::task::spawn_blocking(move || {
                if let Err(error) = written.write(&folder) {
                    tracing::debug!(%error, "how the connection to managers is cannot be written down");
                }
            }));
            *last = Some(report);
        }
    }
}

fn account_agent(
    metrics: &Metrics,
    agent: &WatchedAgent,
    status: &rampart_wazuh::Status,
    acknowledged: bool,
) {
    let (snapshot, counters, sink) = (status.snapshot(), status.counters(), &agent.sink);
    for manager in &agent.managers {
        metrics.manager_connected(sink, manager, snapshot.manager() == Some(manager));
    }
    if let Some(id) = &snapshot.agent_id {
        metrics.manager_agent_id(sink, id);
    }
    if acknowledged {
        metrics.manager_last_ack(sink, now());
    }
    metrics.manager_connections(sink, counters.connections.get());
    for (kind, count) in counters.failures() {
        metrics.manager_failures(sink, kind, count);
    }
    metrics.manager_enrolments(sink, "done", counters.enrolments.get());
    for (kind, count) in [
        ("event", counters.events_sent.get()),
        ("keepalive", counters.keepalives.get()),
        ("state", counters.state_messages.get()),
    ] {
        metrics.manager_sent(sink, kind, count);
    }
    for (command, count) in counters.ignored() {
        metrics.manager_ignored(sink, command, count);
    }
    metrics.findings_refused(sink, counters.events_too_long.get());
    agent.state.set_trouble(match (&snapshot.trouble, snapshot.is_connected()) {
        (_, true) => None,
        (Some(trouble), false) => Some(format!("{}; {}", trouble.explain(), trouble.help()).into()),
        (None, false) => Some("not connected to a manager yet".into()),
    });
}

fn told_dropped(sink: Arc<str>, phase: Phase) -> Health {
    if let Phase::Began { count } = phase {
        tracing::error!(
            sink = &*sink,
            count,
            "findings are dropped: there is no more room for those that have not arrived"
        );
    }
    Health::FindingsDropped { sink, phase }
}
