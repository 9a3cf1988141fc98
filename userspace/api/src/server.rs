use std::{io, sync::Arc, time::Duration};

use rampart_bus::CancellationToken;
use rampart_model::Timestamp;
use rampart_telemetry::{Metrics, ModuleHealth};
use rampart_tls::Identity;
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use crate::{
    Gate, Published,
    certificate::Certificate,
    connections::Connections,
    results::Results,
    routes::{Desk, router},
};

/// How often the files of the certificate are looked at.
pub const LOOK_INTERVAL: Duration = Duration::from_secs(10);

/// After a connection could not be taken, mostly for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// What is served, to whom, and what is said of it.
#[derive(Debug)]
pub struct Service<G> {
    /// Who may ask.
    pub gate: G,
    /// The node's name.
    pub node: Arc<str>,
    /// How its policies stand.
    pub policies: watch::Receiver<Published>,
    /// The files of the certificate and its key; they may be replaced at any time, and need not be there yet.
    pub identity: Identity,
    /// How often these are looked at; more than zero, and [`LOOK_INTERVAL`] but for tests.
    pub look_interval: Duration,
    /// What time it is.
    pub clock: fn() -> Timestamp,
    /// Where requests are counted.
    pub metrics: Metrics,
    /// What is said of it: that it does its work, or why not.
    pub health: ModuleHealth,
}

/// Answers over TLS until told to stop. One connection is one request, of ten seconds at most. There are at most 64 of them; others
/// wait, and while they do the oldest of the peer that has most has to go after two seconds. Whoever does not speak TLS is told so
/// and gets nothing.
pub async fn serve<G: Gate>(listener: &TcpListener, service: Service<G>, stop: &CancellationToken) {
    let Service { gate, node, policies, identity, look_interval, clock, metrics, health } = service;
    let mut certificate = Certificate::new(identity, health, metrics.clone());
    // Before the first connection is taken.
    certificate.look(clock());
    let mut connections = Connections::new(metrics.clone());
    let router = router(&Arc::new(Desk::new(gate, Results::new(node, policies, clock), metrics)));
    let mut looks = interval_at(Instant::now() + look_interval, look_interval);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = looks.tick() => certificate.look(clock()),
            () = connections.one_ends() => {}
            accepted = listener.accept(), if connections.may_take() => match accepted {
                Ok((stream, peer)) => connections.take(stream, peer.ip()),
                // Gone before it was taken: that is its own affair.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection to the server of results cannot be taken");
                    sleep(PAUSE).await;
                }
            },
        }
        connections.serve_next(certificate.config(), &router);
    }
    connections.finish().await;
}
