//! The node's results for callers that the cluster knows: `/v1/results` over TLS.

mod config;
mod gate;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use rampart_api::{LOOK_INTERVAL, Published, Service};
use rampart_bus::CancellationToken;
use rampart_kernel::wall_nanos;
use rampart_kubernetes::Settings;
use rampart_model::Timestamp;
use rampart_telemetry::{Metrics, ModuleHealth, Need, Readiness};
use tokio::{net::TcpListener, sync::watch};

pub(crate) use self::config::ResultsConfig;
use self::gate::ReviewGate;

/// What the results are served with.
#[derive(Debug, Clone)]
pub(crate) struct Results {
    pub(crate) config: ResultsConfig,
    /// How to reach the API server that knows the callers; the pod's service account if not given.
    pub(crate) kubeconfig: Option<PathBuf>,
    pub(crate) node: Arc<str>,
    pub(crate) policies: watch::Receiver<Published>,
    pub(crate) metrics: Metrics,
    pub(crate) ready: Readiness,
}

impl Results {
    /// Answers until told to stop. The optional module `results` says how it goes.
    ///
    /// # Errors
    /// When the address cannot be bound, or it is not known who to ask about callers.
    pub(crate) async fn serve(self, stop: CancellationToken) -> anyhow::Result<()> {
        let health = self.ready.module("results", Need::Optional);
        let (listener, gate) = self.open().await.inspect_err(|error| health.failed(format!("{error:#}")))?;
        tracing::info!(address = %self.config.listen, "serving {}", rampart_api::PATH);
        rampart_api::serve(&listener, self.service(gate, health), &stop).await;
        Ok(())
    }

    async fn open(&self) -> anyhow::Result<(TcpListener, ReviewGate)> {
        let address = self.config.listen;
        let settings = Settings { kubeconfig: self.kubeconfig.clone() };
        let gate = ReviewGate::connect(&settings, &self.config.audiences).await?;
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("results.listen: {address}"))?;
        Ok((listener, gate))
    }

    fn service(self, gate: ReviewGate, health: ModuleHealth) -> Service<ReviewGate> {
        Service {
            gate,
            node: self.node,
            policies: self.policies,
            identity: self.config.tls.into(),
            look_interval: LOOK_INTERVAL,
            clock: || Timestamp::from_nanos(wall_nanos()),
            metrics: self.metrics,
            health,
        }
    }
}
