use std::{collections::VecDeque, io, net::IpAddr, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use rampart_bus::CancellationToken;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use super::to_make_room;
use crate::Metrics;

/// Most connections at one time.
pub(super) const CONNECTIONS: usize = 64;

/// What a connection may take from its beginning to its end: as long as Prometheus waits for an answer by default.
const PATIENCE: Duration = Duration::from_secs(10);

/// The head of a request. Nobody reads a body.
const HEAD_BYTES: usize = 16 * 1024;
const HEAD_FIELDS: usize = 64;

/// How long who has asked may still be answered when the agent ends.
const FLUSH: Duration = Duration::from_millis(200);

/// After a connection could not be taken, mostly for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers until told to stop. Nothing here holds up the agent's end, nor is held up by clients that are slow on purpose.
pub(super) async fn serve(
    listener: &TcpListener,
    router: &Router,
    metrics: &Metrics,
    stop: &CancellationToken,
) {
    let mut connections = Connections::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.tasks.join_next() => connections.order.retain(|(_, task)| !task.is_finished()),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.add(stream, peer.ip(), router, metrics),
                // Gone before it was taken: that is its own affair.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection to the HTTP server cannot be taken");
                    sleep(PAUSE).await;
                }
            },
        }
    }
    let all = async { while connections.tasks.join_next().await.is_some() {} };
    timeout(FLUSH, all).await.unwrap_or_default();
}

/// Those that are being served, the oldest first.
#[derive(Debug, Default)]
struct Connections {
    tasks: JoinSet<()>,
    order: VecDeque<(IpAddr, AbortHandle)>,
}

impl Connections {
    /// Who is served takes a moment; who stays is slow. So the oldest makes room, and a crowd of slow ones keeps nobody out.
    fn add(&mut self, stream: TcpStream, peer: IpAddr, router: &Router, metrics: &Metrics) {
        if self.order.len() >= CONNECTIONS
            && let Some(index) = to_make_room(self.order.iter().map(|(peer, _)| *peer))
            && let Some((_, oldest)) = self.order.remove(index)
            && !oldest.is_finished()
        {
            oldest.abort();
            metrics.connection_cut("crowded");
        }
        let task = self.tasks.spawn(answer(stream, router.clone(), metrics.clone()));
        self.order.push_back((peer, task));
    }
}

async fn answer(stream: TcpStream, router: Router, metrics: Metrics) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    // One deadline for all of it is ours.
    builder
        .http1()
        .keep_alive(false)
        .header_read_timeout(None)
        .max_headers(HEAD_FIELDS)
        .max_buf_size(HEAD_BYTES);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match timeout(PATIENCE, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection to the HTTP server ended"),
        Err(_) => metrics.connection_cut("slow"),
    }
}
