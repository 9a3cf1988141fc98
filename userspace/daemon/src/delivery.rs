//! From findings to where they go: standard output directly, every other sink through the spool.

mod accountant;
mod agent;
mod config;
mod report;
mod standard;

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use anyhow::Context as _;
use rampart_bus::{
    CancellationToken, FanOut, Outbox, Overflow, Sender, Sink, SinkState, Supervisor, channel, drive,
};
use rampart_kernel::wall_nanos;
use rampart_model::{Finding, Timestamp};
use rampart_sinks::wazuh::Snapshots;
use rampart_store::{
    Store,
    spool::{Keeper, Lane, SpoolState},
};
use rampart_telemetry::{Metrics, Readiness};
use rampart_wazuh::ClientConfig;
use tokio::{
    sync::{Mutex, oneshot},
    time::{Instant, timeout_at},
};

use self::{
    accountant::Accountant,
    agent::AgentTask,
    config::{Entry, Kind},
};
pub(crate) use self::{
    config::Sinks,
    report::{AgentReport, report_file},
};
use crate::config::Config;

/// Findings between those who make them and a sink, or the spool. When they are full the pipeline waits, and behind it the
/// reader.
const FINDINGS: usize = 1024;

/// What sinks have for their last words, before the end.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// The sinks, at work.
pub(crate) struct Delivery {
    fan_out: FanOut,
    spool: Option<Spool>,
    /// When this is cancelled nothing is told of sinks any more.
    closing: CancellationToken,
    /// Sinks end when this is cancelled.
    last_call: CancellationToken,
    stdout_gone: CancellationToken,
    spool_gone: CancellationToken,
}

/// The thread that keeps what has not arrived.
struct Spool {
    stop: CancellationToken,
    ended: oneshot::Receiver<()>,
    state: Arc<SpoolState>,
}

/// What sinks are set up with.
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a Config,
    pub(crate) store: &'a Arc<Store>,
    pub(crate) snapshots: &'a Snapshots,
    pub(crate) metrics: &'a Metrics,
    pub(crate) ready: &'a Readiness,
    pub(crate) supervisor: &'a mut Supervisor,
}

impl Surroundings<'_> {
    /// Starts all sinks.
    pub(crate) fn start(mut self) -> anyhow::Result<Delivery> {
        let (closing, last_call) = (CancellationToken::new(), CancellationToken::new());
        let (stdout_gone, spool_gone) = (CancellationToken::new(), CancellationToken::new());
        let node: Arc<str> = self.config.node_name().into();
        let mut accountant = Accountant::new(Arc::clone(&node), self.metrics.clone(), self.ready.clone());
        let mut senders: Vec<Sender<Arc<Finding>>> = Vec::new();
        let mut kept: Vec<(Entry<'_>, Lane)> = Vec::new();
        for entry in self.config.sinks.entries() {
            let name: Arc<str> = entry.name.into();
            match (entry.kind, entry.kind.encoder()) {
                (_, Some(encoder)) => {
                    let Entry { minimum, limits, .. } = entry;
                    kept.push((entry, Lane { name, minimum, encoder, limits }));
                }
                (Kind::Stdout(config), None) => {
                    let (sender, findings) = channel("stdout", FINDINGS, Overflow::Block);
                    senders.push(sender);
                    let sink = standard::StandardOutput {
                        name: Arc::clone(&name),
                        format: config.format,
                        minimum: entry.minimum,
                        state: accountant.add_sink(name),
                        gone: stdout_gone.clone(),
                        metrics: self.metrics.clone(),
                    };
                    sink.supervise(findings, self.supervisor);
                }
                (_, None) => {}
            }
        }
        let spool = if kept.is_empty() {
            None
        } else {
            let (entries, lanes): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
            let (keeper, outboxes) = Keeper::new(Arc::clone(self.store), lanes);
            for (entry, outbox) in entries.into_iter().zip(outboxes) {
                self.supervise(entry, outbox, &mut accountant, &last_call)?;
            }
            let (sender, findings) = channel("spool", FINDINGS, Overflow::Block);
            senders.push(sender);
            accountant.watch_spool(keeper.state());
            Some(Spool::start(keeper, findings, self.metrics.clone(), spool_gone.clone())?)
        };
        let fan_out = FanOut::new(senders);
        accountant.supervise(fan_out.clone(), self.supervisor, &closing);
        Ok(Delivery { fan_out, spool, closing, last_call, stdout_gone, spool_gone })
    }

    /// Starts a sink that takes from an outbox.
    fn supervise(
        &mut self,
        entry: Entry<'_>,
        outbox: Outbox,
        accountant: &mut Accountant,
        last_call: &CancellationToken,
    ) -> anyhow::Result<()> {
        let name: Arc<str> = entry.name.into();
        let state = accountant.add_sink(Arc::clone(&name));
        let in_sink = || format!("sink `{}`", entry.name);
        let task = SinkTask { name, outbox, state, last_call, supervisor: self.supervisor };
        match entry.kind {
            Kind::Stdout(_) => {}
            Kind::File(config) => task.supervise(config.build().with_context(in_sink)?),
            Kind::Webhook(config) => task.supervise(config.build(now).with_context(in_sink)?),
            Kind::Slack(config) => task.supervise(config.build(now).with_context(in_sink)?),
            Kind::Syslog(config) => task.supervise(config.build().with_context(in_sink)?),
            Kind::Wazuh(config) => {
                let folder = self.config.sink_folder(entry.name);
                let client = config
                    .client(&self.config.node_name(), &self.config.host_root, &folder, unix_seconds)
                    .with_context(in_sink)?;
                let agent = AgentTask::new(client, folder, self.snapshots.clone(), Arc::clone(&task.state));
                accountant.watch_agent(agent.watched(&task.name));
                agent.supervise(task);
            }
        }
        Ok(())
    }
}

/// What a sink is supervised with.
struct SinkTask<'a> {
    name: Arc<str>,
    outbox: Outbox,
    state: Arc<SinkState>,
    last_call: &'a CancellationToken,
    supervisor: &'a mut Supervisor,
}

impl SinkTask<'_> {
    fn supervise(self, sink: impl Sink + 'static) {
        let Self { name, outbox, state, last_call, supervisor } = self;
        let (shared, last_call) = (Arc::new(Mutex::new((sink, outbox))), last_call.clone());
        supervisor.supervise(Arc::clone(&name), move || {
            let (shared, last_call) = (Arc::clone(&shared), last_call.clone());
            let (name, state) = (Arc::clone(&name), Arc::clone(&state));
            async move {
                let mut shared = shared.lock().await;
                let (sink, outbox) = &mut *shared;
                tokio::select! {
                    ended = drive(&name, sink, outbox, &state) => ended,
                    () = last_call.cancelled() => Ok(()),
                }
            }
        });
    }
}

impl Spool {
    fn start(
        keeper: Keeper,
        findings: rampart_bus::Receiver<Arc<Finding>>,
        metrics: Metrics,
        gone: CancellationToken,
    ) -> anyhow::Result<Self> {
        let (stop, state) = (CancellationToken::new(), keeper.state());
        let (done, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .context("starting the spool's runtime")?;
        let stopped = stop.clone();
        thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || {
                // Also when it panics.
                let _gone = gone.drop_guard();
                let told = |sink: &str, time: Timestamp| metrics.delivered(sink, time, now());
                runtime.block_on(keeper.run(findings, stopped, told));
                // Nobody waits any more when the time to flush is over.
                done.send(()).unwrap_or_default();
            })
            .context("starting the spool")?;
        Ok(Self { stop, ended, state })
    }
}

impl Delivery {
    /// Where findings are to be put.
    pub(crate) fn fan_out(&self) -> FanOut {
        self.fan_out.clone()
    }

    /// Cancelled when nobody reads standard output any more.
    pub(crate) fn stdout_gone(&self) -> CancellationToken {
        self.stdout_gone.clone()
    }

    /// Cancelled when nothing is kept any more: the agent cannot go on without losing findings.
    pub(crate) fn spool_gone(&self) -> CancellationToken {
        self.spool_gone.clone()
    }

    /// Lets sinks deliver what waits, until shortly before `deadline`; what has not arrived then is kept for the next start.
    /// Those who make findings have ended.
    pub(crate) async fn finish(self, deadline: Instant) {
        let Self { fan_out, spool, closing, last_call, .. } = self;
        drop(fan_out);
        closing.cancel();
        let Some(Spool { stop, mut ended, state }) = spool else {
            last_call.cancel();
            return;
        };
        let all = timeout_at(deadline - LAST_WORDS, &mut ended).await.is_ok();
        last_call.cancel();
        stop.cancel();
        if !all && timeout_at(deadline, ended).await.is_err() {
            tracing::error!("what has not arrived could not be written in time; findings may be lost");
        }
        for lane in state.lanes().iter().filter(|lane| lane.messages() > 0) {
            tracing::info!(
                sink = &**lane.name(),
                messages = lane.messages(),
                "findings that have not arrived are kept for the next start"
            );
        }
    }
}

/// What the client to Wazuh's managers of that sink, or of the only one, has to know.
pub(crate) fn client(config: &Config, name: Option<&str>) -> anyhow::Result<ClientConfig> {
    let (name, sink) = config.sinks.wazuh(name)?;
    let folder = config.sink_folder(name);
    agent::make_folder(&folder)?;
    Ok(sink.client(&config.node_name(), &config.host_root, &folder, unix_seconds)?)
}

/// Where the sink to Wazuh's managers of that name, or the only one, keeps what is its own.
pub(crate) fn agent_folder(config: &Config, name: Option<&str>) -> anyhow::Result<PathBuf> {
    Ok(config.sink_folder(config.sinks.wazuh(name)?.0))
}

fn unix_seconds() -> u64 {
    u64::try_from(wall_nanos() / 1_000_000_000).unwrap_or(0)
}

/// By the wall clock.
fn now() -> Timestamp {
    Timestamp::from_nanos(wall_nanos())
}
