use std::{sync::Arc, thread, time::Duration};

use anyhow::{Context as _, anyhow};
use rampart_bus::{FanOut, Supervisor};
use rampart_kernel::{Attachment, Demand, Sensor, drop_privileges, give_back_memory, require_capabilities};
use rampart_model::EventKind;
use rampart_policy::{Gravity, Loaded, Mode, Problem, embedded_catalogue};
use rampart_runtime::{Detector, Engine, try_rules};
use rampart_sca::Policy;
use rampart_sinks::wazuh::Snapshots;
use rampart_store::Store;
use rampart_telemetry::{Metrics, Need, Readiness};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use crate::{
    assessment::{Assessor, Memory, Orders, Scanner},
    cli::RunArgs,
    completion::Completion,
    config::Config,
    delivery::{self, Delivery},
    exit::{Exit, Failure},
    feed::{Feed, Stop, Surroundings},
    instance::Instance,
    node,
    pipeline::{Outcome, Pipeline},
    pods::{Kubernetes, PodKeeper},
    policies::{self, Reloads},
    results::Results,
    watcher::{Digest, Watcher},
};

/// How long the last events may take to be judged, and then the last findings to be delivered: 2 s in all. Findings have
/// also what the events have left.
const DRAIN: Duration = Duration::from_millis(1500);
const FLUSH: Duration = Duration::from_millis(400);

/// The pipeline gives an account about every second; one that has not for so long does nothing any more.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// Between two times that freed memory is given back to the system. What a burst, a reload or an outage has taken would stay
/// the agent's otherwise; looking for it takes the allocator about a millisecond.
const TIDYING: Duration = Duration::from_mins(1);

/// How long tasks may take at least to end when they are told to.
const LAST_CALL: Duration = Duration::from_millis(300);

pub(crate) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let config = Config::load(args.config.as_deref()).map_err(|error| Failure::new(Exit::Usage, error))?;
    rampart_telemetry::init_logs(&config.log).map_err(|error| Failure::new(Exit::Usage, error))?;
    require_capabilities()?;
    let _instance = Instance::claim(&config.lock)?;
    node::settle(config.node.as_deref());
    let in_force = Digest::of(&config.policies);
    let policies = policies::load(&config.policies).map_err(|error| Failure::new(Exit::Usage, error))?;
    let demand = policies::demand(&policies);
    let sensor = Sensor::load(config.sensor(), &demand)?;
    let scanner = scanner(&config)?;
    drop_privileges().context("giving up privileges")?;
    // Keys and passwords are in memory: no core dump, and nobody without privileges of its own looks in.
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .context("keeping secrets out of core dumps")?;
    announce_gaps(&sensor);
    Agent::new(config, policies, in_force)?.run(sensor, &demand, scanner)
}

/// Starts what needs the privileges that are given up next. Policies that cannot be had are told of now and not in every scan.
fn scanner(config: &Config) -> Result<Option<Scanner>, Failure> {
    if !config.sca.enabled {
        return Ok(None);
    }
    let loaded = rampart_sca::load_paths(config.sca.policies(), embedded_catalogue(), Mode::Lenient);
    let loaded = loaded.map_err(|error| Failure::new(Exit::Usage, error))?;
    for problem in loaded.problems.iter().filter(|problem| problem.gravity() == Gravity::Error) {
        tracing::error!(help = problem.help(), "{problem}");
    }
    if loaded.policies.is_empty() {
        return Err(Failure::message(Exit::Usage, "sca.policies: none of them could be loaded"));
    }
    let files: Vec<_> = loaded.policies.iter().map(Policy::stem).collect();
    if let Some(name) = config.sca.stray_level(&files) {
        return Err(Failure::message(Exit::Usage, format!("sca.levels.{name}: there is no such policy")));
    }
    Ok(Some(Scanner::start(&config.sca.arguments(&config.host_root, &files))?))
}

fn announce_gaps(sensor: &Sensor) {
    for state in sensor.hooks() {
        if let Attachment::Refused(reason) = &state.attachment {
            tracing::warn!(hook = %state.hook.point, reason, without = state.hook.without, "a hook is not attached");
        }
    }
    let lost = sensor.missing().iter().filter(|missing| !missing.loses.starts_with("nothing"));
    for missing in lost {
        tracing::warn!(what = missing.what, loses = missing.loses, "this kernel lacks something");
    }
}

/// Everything but the sensor.
struct Agent {
    config: Config,
    policies: Loaded,
    metrics: Metrics,
    ready: Readiness,
    supervisor: Supervisor,
    store: Arc<Store>,
    snapshots: Snapshots,
    stop: Stop,
    reloads: Reloads,
    watcher: Arc<Watcher>,
}

impl Agent {
    fn new(config: Config, policies: Loaded, in_force: Digest) -> Result<Self, Failure> {
        let metrics =
            Metrics::new(env!("CARGO_PKG_VERSION"), &config.node_name()).context("setting up metrics")?;
        // Opened by who uses it, on a thread of its own: after a crash in the middle of an outage reading it takes a while.
        let store = Arc::new(Store::new(&config.state));
        let reloads = Reloads::default();
        let (roots, watch) = (config.policies.clone(), config.watch_policies);
        let watcher = Watcher::new(roots, watch, in_force, reloads.clone());
        Ok(Self {
            config,
            policies,
            metrics,
            ready: Readiness::default(),
            supervisor: Supervisor::default(),
            store,
            snapshots: Snapshots::default(),
            stop: Stop::default(),
            reloads,
            watcher: Arc::new(watcher),
        })
    }

    fn run(self, sensor: Sensor, demand: &Demand, scanner: Option<Scanner>) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("starting the runtime")?;
        let result = runtime.block_on(self.serve(sensor, demand, scanner));
        // A write to a pipe that nobody reads must not hold up the end.
        runtime.shutdown_background();
        result
    }

    async fn serve(
        mut self,
        sensor: Sensor,
        demand: &Demand,
        scanner: Option<Scanner>,
    ) -> Result<Exit, Failure> {
        let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
        let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
        let mut on_demand = signal(SignalKind::user_defined1()).context("listening for SIGUSR1")?;
        let mut hangup = signal(SignalKind::hangup()).context("listening for SIGHUP")?;
        let delivery = self.start_delivery()?;
        let (stdout_gone, spool_gone) = (delivery.stdout_gone(), delivery.spool_gone());
        self.supervise_http();
        self.supervise_results();
        self.supervise_watcher();
        // As they are read they are needed no more once they are compiled.
        let policies = std::mem::take(&mut self.policies);
        let findings = delivery.fan_out();
        let mut start = PipelineStart {
            findings: findings.clone(),
            scanner: scanner.as_ref().map(Scanner::pid),
            surroundings: self.config.surroundings(),
        };
        self.supervise_pods(&mut start);
        let mut outcome = self.start_pipeline(&policies, sensor, demand, start)?;
        let assessment = scanner.map(|scanner| self.start_assessor(scanner, findings)).transpose()?;
        drop(policies);
        self.ready.module("sensor", Need::Required).ok();
        self.ready.set(true);

        // The first time at once: rules have just been compiled.
        let mut tidying = tokio::time::interval(TIDYING);
        let ended = loop {
            tokio::select! {
                ended = &mut outcome => break Some(ended),
                _ = interrupt.recv() => break None,
                _ = terminate.recv() => break None,
                () = stdout_gone.cancelled() => break None,
                () = spool_gone.cancelled() => {
                    tracing::error!("the spool ended, and without it findings would be lost: so does the agent");
                    break None;
                }
                _ = hangup.recv() => self.watcher.ask(),
                _ = tidying.tick() => give_back_memory(),
                _ = on_demand.recv() => assessment.iter().for_each(Orders::scan),
            }
        };
        self.ready.set(false);
        assessment.iter().for_each(Orders::end);
        self.stop.set();
        let lost_spool = spool_gone.is_cancelled();
        let deadline = tokio::time::Instant::now() + DRAIN + FLUSH;
        let ended = if let Some(ended) = ended {
            Ok(ended)
        } else {
            tokio::select! {
                ended = timeout(DRAIN, outcome) => ended,
                _ = interrupt.recv() => return Err(impatient()),
                _ = terminate.recv() => return Err(impatient()),
            }
        };
        delivery.finish(deadline).await;
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        let flushed = self.supervisor.finish(left.max(LAST_CALL)).await;
        let outcome = ended
            .map_err(|_| anyhow!("events were still being handled when time was up"))?
            .map_err(|_| anyhow!("the pipeline panicked"))??;
        report(&outcome);
        if lost_spool {
            return Err(Failure::message(
                Exit::Internal,
                "the spool ended; what it has on disk waits for the next start",
            ));
        }
        if stdout_gone.is_cancelled() {
            return Err(Failure::message(Exit::Unavailable, "nobody reads stdout any more"));
        }
        if !flushed {
            return Err(Failure::message(Exit::Unavailable, "findings could not be written before the end"));
        }
        Ok(Exit::Done)
    }

    /// Runs the scans on a thread of their own.
    fn start_assessor(&self, scanner: Scanner, findings: FanOut) -> anyhow::Result<Orders> {
        let assessor = Assessor {
            node: self.config.node_name().into(),
            findings,
            metrics: self.metrics.clone(),
            memory: Memory::new(Arc::clone(&self.store), embedded_catalogue()),
            health: self.ready.module("sca", Need::Optional),
            snapshots: self.snapshots.clone(),
            interval: self.config.sca.interval(),
            scan_on_start: self.config.sca.scan_on_start,
        };
        assessor.start(scanner)
    }

    /// Has the API server asked for the node's pods, if that is wanted: events learn of them, and findings wait for them.
    fn supervise_pods(&mut self, start: &mut PipelineStart) {
        let Some(config) = &self.config.kubernetes else { return };
        let node = self.config.node_name();
        let (keeper, directories) = PodKeeper::new(config, node, self.metrics.clone(), &self.ready);
        keeper.supervise(&mut self.supervisor);
        start.surroundings.pods = Some(directories.clone());
        let sinks = std::mem::take(&mut start.findings);
        let (completion, findings) = Completion::new(sinks, directories, config.wait(), self.metrics.clone());
        completion.supervise(&mut self.supervisor);
        start.findings = findings;
    }

    /// Runs the pipeline on a thread of its own; its outcome comes when it has ended.
    fn start_pipeline(
        &self,
        policies: &Loaded,
        sensor: Sensor,
        demand: &Demand,
        start: PipelineStart,
    ) -> Result<oneshot::Receiver<anyhow::Result<Outcome>>, Failure> {
        let node: Arc<str> = self.config.node_name().into();
        let rules = policies.rules.count();
        let refused: Vec<Problem> = policies::refused(policies).cloned().collect();
        for problem in &refused {
            tracing::error!(help = problem.help(), "{problem}");
        }
        for failure in try_rules(&policies.rules).failures {
            tracing::warn!("{}; it is in force all the same", policies::explained_failure(&failure));
        }
        self.metrics.rules(rules);
        let pipeline = Pipeline {
            node: Arc::clone(&node),
            detector: Detector::new(
                Arc::clone(&node),
                Engine::compile(&policies.rules),
                self.config.alerts.into(),
            ),
            findings: start.findings,
            metrics: self.metrics.clone(),
            restarts: self.supervisor.restarts(),
            heartbeat: self.ready.heartbeat("pipeline", HEARTBEAT),
            reloads: self.reloads.clone(),
            scanner: start.scanner,
            own: 0,
        };
        let of = |wanted: fn(&Attachment) -> bool| {
            sensor.hooks().iter().filter(|state| wanted(&state.attachment)).count()
        };
        let attached = of(|attachment| *attachment == Attachment::Attached);
        let refused_hooks = of(|attachment| matches!(attachment, Attachment::Refused(_)));
        let hooks = format!("{attached}/{}", attached + refused_hooks);
        let feed = Feed::start(sensor, self.stop.clone(), demand, start.surroundings)?;
        let (done, outcome) = oneshot::channel();
        thread::Builder::new()
            .name("pipeline".to_owned())
            // Nobody waits any more when the time to drain is over.
            .spawn(move || done.send(pipeline.run(feed, &refused)).unwrap_or_default())
            .context("starting the pipeline")?;
        tracing::info!(node = &*node, hooks, rules, "ready");
        Ok(outcome)
    }

    fn start_delivery(&mut self) -> anyhow::Result<Delivery> {
        let surroundings = delivery::Surroundings {
            config: &self.config,
            store: &self.store,
            snapshots: &self.snapshots,
            metrics: &self.metrics,
            ready: &self.ready,
            supervisor: &mut self.supervisor,
        };
        surroundings.start()
    }

    fn supervise_watcher(&mut self) {
        let (watcher, stop) = (Arc::clone(&self.watcher), self.supervisor.stop_token());
        self.supervisor.supervise("policies", move || {
            let (watcher, stop) = (Arc::clone(&watcher), stop.clone());
            async move {
                tokio::select! {
                    () = stop.cancelled() => Ok(()),
                    ended = watcher.run() => ended,
                }
            }
        });
    }

    fn supervise_http(&mut self) {
        let Some(address) = self.config.listen else { return };
        let (metrics, ready, stop) = (self.metrics.clone(), self.ready.clone(), self.supervisor.stop_token());
        self.supervisor.supervise("http", move || {
            rampart_telemetry::serve(address, metrics.clone(), ready.clone(), stop.clone())
        });
    }

    fn supervise_results(&mut self) {
        let Some(config) = self.config.results.clone() else { return };
        let results = Results {
            config,
            cluster: self.config.kubernetes.as_ref().map(Kubernetes::settings).unwrap_or_default(),
            node: self.config.node_name().into(),
            policies: self.snapshots.subscribe(),
            metrics: self.metrics.clone(),
            ready: self.ready.clone(),
        };
        let stop = self.supervisor.stop_token();
        self.supervisor.supervise("results", move || results.clone().serve(stop.clone()));
    }
}

/// What the pipeline is started with.
struct PipelineStart {
    findings: FanOut,
    /// The process below which the configuration is scanned.
    scanner: Option<u32>,
    surroundings: Surroundings,
}

fn impatient() -> Failure {
    Failure::message(Exit::Internal, "ended by a second signal before all was delivered")
}

/// The account of the run: for every kind, what was seen is what was handled and what was lost.
fn report(outcome: &Outcome) {
    for kind in EventKind::ALL {
        let counters = outcome.tally.of(kind);
        tracing::info!(
            kind = kind.name(),
            seen = counters.seen,
            delivered = outcome.handled.get(kind.index()).copied().unwrap_or_default(),
            summarised = counters.summarised,
            lost_ring = counters.lost_ring,
            lost_decode = counters.lost_decode,
            skipped = counters.skipped,
            "counters"
        );
    }
    tracing::info!("stopped");
}
