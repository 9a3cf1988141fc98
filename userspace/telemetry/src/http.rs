mod connections;
mod crowd;

use std::{io, net::SocketAddr, time::Instant};

use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use rampart_bus::CancellationToken;
use tokio::net::TcpListener;

pub use crowd::to_make_room;

use crate::{Metrics, Need, Readiness};

/// Serves `/metrics`, `/healthz` and `/readyz` in plain HTTP until told to stop. One connection is one request, and there are at
/// most 64 of them: of more, the oldest of the peer that has most are cut off.
///
/// `/healthz` fails where a thread has given no sign of life; the agent is then to be started again. `/readyz` fails where a
/// required module does not do its work. Both say why, a line for each. The server itself is the required module `http`.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve(
    address: SocketAddr,
    metrics: Metrics,
    ready: Readiness,
    stop: CancellationToken,
) -> io::Result<()> {
    let health = ready.module("http", Need::Required);
    let listener = TcpListener::bind(address).await.inspect_err(|error| health.failed(error.to_string()))?;
    health.ok();
    tracing::info!(%address, "serving /metrics, /healthz and /readyz");
    connections::serve(&listener, &routes(metrics.clone(), ready), &metrics, &stop).await;
    Ok(())
}

fn routes(metrics: Metrics, ready: Readiness) -> Router {
    let alive = ready.clone();
    let states = ready.clone();
    Router::new()
        .route("/healthz", get(async move || liveness(&alive)))
        .route("/readyz", get(async move || readiness(&states)))
        .route("/metrics", get(async move || exposition(&metrics, &ready)))
}

fn liveness(ready: &Readiness) -> Response {
    let report = ready.report(Instant::now());
    (status(report.is_alive()), report.liveness()).into_response()
}

fn readiness(ready: &Readiness) -> Response {
    let report = ready.report(Instant::now());
    (status(report.is_ready), report.to_string()).into_response()
}

const fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn exposition(metrics: &Metrics, ready: &Readiness) -> Response {
    let report = ready.report(Instant::now());
    metrics.agent_works(report.is_ready && report.is_alive());
    for (module, is_ok, _) in &report.modules {
        metrics.module_ok(module, *is_ok);
    }
    match metrics.render() {
        Ok(text) => ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests;
