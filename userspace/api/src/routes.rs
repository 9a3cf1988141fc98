use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::get,
};
use rampart_telemetry::Metrics;
use tokio::time::timeout;

use crate::{
    Admission, Gate, etag,
    problem::Problem,
    results::{PATH, Results},
    token,
};

/// How long the gate may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What requests are answered with.
pub(crate) struct Desk<G> {
    gate: G,
    /// Whether the last caller could not be decided on.
    is_blind: AtomicBool,
    results: Results,
    metrics: Metrics,
}

impl<G: Gate> Desk<G> {
    pub(crate) fn new(gate: G, results: Results, metrics: Metrics) -> Self {
        Self { gate, is_blind: AtomicBool::default(), results, metrics }
    }

    /// Whoever is not allowed to get the results is told of nothing else either: there is one question to the gate, whatever is
    /// asked.
    async fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let token = token::bearer(headers).ok_or_else(Problem::unauthenticated)?;
        let undecided = || Admission::Undecided { why: format!("no decision in {} s", PATIENCE.as_secs()) };
        let admission = timeout(PATIENCE, self.gate.admit(token, PATH)).await.unwrap_or_else(|_| undecided());
        let is_blind = matches!(admission, Admission::Undecided { .. });
        let was_blind = self.is_blind.swap(is_blind, Ordering::Relaxed);
        match admission {
            Admission::Allowed { user } => {
                tracing::debug!(user = without(token, &user), "a caller is let in");
                Ok(())
            }
            Admission::Forbidden { user, why } => {
                let (user, why) = (without(token, &user), without(token, &why));
                tracing::debug!(user, why, "a caller may not get the results");
                Err(Problem::forbidden(user, why))
            }
            Admission::Unauthenticated { why } => {
                tracing::debug!(why = without(token, &why), "a caller is not known");
                Err(Problem::unauthenticated())
            }
            Admission::Undecided { why } => {
                // Once, as callers can make it come as often as they like.
                if !was_blind {
                    tracing::warn!(
                        why = without(token, &why),
                        "it cannot be told who a caller is: nobody is let in"
                    );
                }
                Err(Problem::undecided())
            }
        }
    }

    fn results(&self, headers: &HeaderMap) -> Response {
        let page = match self.results.newest() {
            Ok(Some(page)) => page,
            Ok(None) => return Problem::no_scan_yet().into_response(),
            Err(error) => {
                tracing::error!(%error, "the results cannot be written");
                return Problem::unwritable().into_response();
            }
        };
        let known = etag::is_known(headers, &page.etag);
        let tag = [(header::ETAG, page.etag)];
        if known {
            return (StatusCode::NOT_MODIFIED, tag).into_response();
        }
        (tag, [(header::CONTENT_TYPE, "application/json")], page.body).into_response()
    }
}

/// Somebody else's words, unless they quote the token.
fn without<'t>(token: &str, words: &'t str) -> &'t str {
    if words.contains(token) { "(not told: it quotes the token)" } else { words }
}

pub(crate) fn router<G: Gate>(desk: &Arc<Desk<G>>) -> Router {
    Router::new()
        .route(PATH, get(results::<G>))
        .method_not_allowed_fallback(async || Problem::other_method())
        .fallback(async || Problem::other_path())
        .layer(from_fn_with_state(Arc::clone(desk), answer::<G>))
        .with_state(Arc::clone(desk))
}

async fn results<G: Gate>(State(desk): State<Arc<Desk<G>>>, headers: HeaderMap) -> Response {
    desk.results(&headers)
}

/// What is common to all answers.
async fn answer<G: Gate>(State(desk): State<Arc<Desk<G>>>, request: Request, next: Next) -> Response {
    let mut response = match desk.admit(request.headers()).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    // What is of one caller is of no other.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    desk.metrics.api_request(response.status().as_u16());
    response
}
