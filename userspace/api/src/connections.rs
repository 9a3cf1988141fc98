use std::{collections::VecDeque, net::IpAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use rampart_telemetry::{Metrics, to_make_room};
use rustls::ServerConfig;
use tokio::{
    net::TcpStream,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::plain;

/// Most connections at one time.
const CONNECTIONS: usize = 64;

/// How long a connection is left alone before it has to make room for others.
const GRACE: Duration = Duration::from_secs(2);

/// What a connection may take from its beginning to its end.
const PATIENCE: Duration = Duration::from_secs(10);

/// The head of a request: twice the longest token. Nobody reads a body.
const HEAD_BYTES: usize = 32 * 1024;
const HEAD_FIELDS: usize = 64;

/// How long who has asked may still be answered when the agent ends.
const FLUSH: Duration = Duration::from_millis(200);

/// Those that are being served, the oldest first, and at most one that waits for its turn.
#[derive(Debug)]
pub(crate) struct Connections {
    tasks: JoinSet<()>,
    order: VecDeque<Served>,
    waiting: Option<(TcpStream, IpAddr)>,
    metrics: Metrics,
}

#[derive(Debug, Clone)]
struct Served {
    since: Instant,
    peer: IpAddr,
    task: AbortHandle,
}

impl Connections {
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self { tasks: JoinSet::new(), order: VecDeque::new(), waiting: None, metrics }
    }

    /// Whether one more may be taken; the others wait in the system's queue.
    pub(crate) const fn may_take(&self) -> bool {
        self.waiting.is_none()
    }

    pub(crate) fn take(&mut self, stream: TcpStream, peer: IpAddr) {
        self.waiting = Some((stream, peer));
    }

    /// Serves who waits, if there is room.
    pub(crate) fn serve_next(&mut self, config: Option<Arc<ServerConfig>>, router: &Router) {
        if self.order.len() >= CONNECTIONS {
            return;
        }
        if let Some((stream, peer)) = self.waiting.take() {
            let task = answer(stream, config, router.clone(), self.metrics.clone());
            self.order.push_back(Served { since: Instant::now(), peer, task: self.tasks.spawn(task) });
        }
    }

    /// Waits until one has ended. While somebody waits, the oldest of the peer that has most is ended after its time of grace: who
    /// is served takes a moment, and who stays is slow. So a crowd that comes at once is served in turn, and one of slow ones keeps
    /// nobody out.
    pub(crate) async fn one_ends(&mut self) {
        let index = to_make_room(self.order.iter().map(|served| served.peer));
        let oldest =
            index.and_then(|index| self.order.get(index)).filter(|_| self.waiting.is_some()).cloned();
        let cut = tokio::select! {
            Some(_) = self.tasks.join_next() => None,
            Some(task) = until_it_has_to_go(oldest) => {
                if !task.is_finished() {
                    task.abort();
                    self.metrics.api_cut("crowded");
                }
                Some(task.id())
            }
            else => std::future::pending().await,
        };
        self.order.retain(|served| !served.task.is_finished() && Some(served.task.id()) != cut);
    }

    /// Lets those end that do at once, and cuts off the others.
    pub(crate) async fn finish(mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        timeout(FLUSH, all).await.unwrap_or_default();
    }
}

async fn until_it_has_to_go(oldest: Option<Served>) -> Option<AbortHandle> {
    let Served { since, task, .. } = oldest?;
    sleep_until(since + GRACE).await;
    Some(task)
}

async fn answer(stream: TcpStream, config: Option<Arc<ServerConfig>>, router: Router, metrics: Metrics) {
    match timeout(PATIENCE, converse(stream, config, router)).await {
        Ok(None) => {}
        Ok(Some(reason)) => metrics.api_cut(reason),
        Err(_) => metrics.api_cut("slow"),
    }
}

/// Answers one request. Gives a word for why there was none.
async fn converse(
    stream: TcpStream,
    config: Option<Arc<ServerConfig>>,
    router: Router,
) -> Option<&'static str> {
    match plain::is_tls(&stream).await {
        Ok(Some(true)) => {}
        Ok(Some(false)) => {
            // Who does not wait for the answer has not asked.
            plain::refuse(stream).await.unwrap_or_default();
            return Some("plain");
        }
        Ok(None) | Err(_) => return Some("handshake"),
    }
    let Some(config) = config else { return Some("uncertified") };
    let stream = match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(%error, "a handshake with the server of results failed");
            return Some("handshake");
        }
    };
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    // One deadline for all of it is ours.
    builder
        .http1()
        .keep_alive(false)
        .header_read_timeout(None)
        .max_headers(HEAD_FIELDS)
        .max_buf_size(HEAD_BYTES);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
    let error = served.err()?;
    tracing::debug!(%error, "a connection to the server of results ended");
    Some("malformed")
}
