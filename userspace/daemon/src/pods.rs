//! The pods of this node, as the API server tells of them: whoever completes events or findings follows one channel.
//!
//! Detection needs none of it, and waits for none of it.

mod config;

use std::{sync::Arc, time::Duration};

use rampart_bus::{CancellationToken, Overflow, Receiver, Supervisor, channel};
use rampart_enrich::{PodDirectory, Pods};
use rampart_kubernetes::{Cluster, KubernetesError, PodWatch, WatchState};
use rampart_model::PodChange;
use rampart_telemetry::{Metrics, ModuleHealth, Need, Readiness};
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, MissedTickBehavior},
};

pub(crate) use self::config::Kubernetes;

/// Changes between the watch and the directory. When they are full the watch waits.
const CHANGES: usize = 1024;

/// Most changes that go into one directory.
const BATCH: usize = 256;

/// Between two accounts.
const PAUSE: Duration = Duration::from_secs(1);

/// Keeps the directory of pods.
pub(crate) struct PodKeeper {
    config: Kubernetes,
    node: String,
    metrics: Metrics,
    health: ModuleHealth,
    pods: Pods,
    directories: watch::Sender<Arc<PodDirectory>>,
}

impl PodKeeper {
    /// Of the pods of `node`; and where its directories come, of which the first says nothing.
    pub(crate) fn new(
        config: &Kubernetes,
        node: String,
        metrics: Metrics,
        ready: &Readiness,
    ) -> (Self, watch::Receiver<Arc<PodDirectory>>) {
        let (directories, follower) = watch::channel(Arc::default());
        let health = ready.module("kubernetes", Need::Optional);
        let (config, pods) = (config.clone(), Pods::default());
        (Self { config, node, metrics, health, pods, directories }, follower)
    }

    /// Runs until all tasks are to end.
    pub(crate) fn supervise(self, supervisor: &mut Supervisor) {
        let (shared, stop) = (Arc::new(Mutex::new(self)), supervisor.stop_token());
        supervisor.supervise("kubernetes", move || {
            let (shared, stop) = (Arc::clone(&shared), stop.clone());
            async move { shared.lock().await.run(&stop).await }
        });
    }

    async fn run(&mut self, stop: &CancellationToken) -> Result<(), KubernetesError> {
        let cluster = Cluster::connect(&self.config.settings()).await;
        let cluster = cluster.inspect_err(|error| {
            self.metrics.pods(self.pods.count(), false);
            self.health.failed(error.to_string());
        })?;
        let mut watch = PodWatch::new(cluster, &self.node, self.config.labels()?);
        let state = watch.state();
        let (sender, changes) = channel("pods", CHANGES, Overflow::Block);
        tokio::select! {
            ended = watch.run(&sender) => ended,
            () = self.keep(changes, &state) => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    /// Takes in changes, and gives an account every second.
    async fn keep(&mut self, mut changes: Receiver<PodChange>, state: &WatchState) {
        let mut ticks = tokio::time::interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                told = changes.next_many(BATCH) => {
                    if told.is_empty() {
                        return;
                    }
                    for change in told {
                        self.pods.apply(change, Instant::now().into_std());
                    }
                }
                _ = ticks.tick() => {
                    self.pods.expire(Instant::now().into_std());
                    self.account(state);
                }
            }
            self.publish();
        }
    }

    fn publish(&mut self) {
        let directory = self.pods.snapshot();
        self.directories.send_if_modified(|known| {
            let is_new = known.generation() != directory.generation();
            *known = directory;
            is_new
        });
    }

    fn account(&self, state: &WatchState) {
        self.metrics.pods(self.pods.count(), state.is_watching());
        self.metrics.pod_watch(state.lists(), state.errors());
        self.metrics.pod_owners(state.owners_found(), state.owners_failed());
        let counters = self.pods.counters();
        for (reason, total) in [
            ("refused", state.refused() + counters.refused),
            ("cut", state.cut()),
            ("forgotten", counters.forgotten),
        ] {
            self.metrics.pods_left_out(reason, total);
        }
        match state.trouble().or_else(|| state.owner_trouble()) {
            Some(trouble) => self.health.degraded(&*trouble),
            None if state.has_no_pods() => {
                let node = &self.node;
                self.health
                    .degraded(format!("no pod is bound to node `{node}`: is that its name in the cluster?"));
            }
            None if state.has_listed() => self.health.ok(),
            None => {}
        }
    }
}
