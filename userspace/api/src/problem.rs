use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::results::PATH;

/// Most characters of somebody else's words.
const WORDS: usize = 256;

/// Why there is no answer, and what to do.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    header: Option<(HeaderName, &'static str)>,
    error: String,
    help: String,
}

#[derive(Serialize)]
struct Body<'p> {
    error: &'p str,
    help: &'p str,
}

impl Problem {
    fn new(status: StatusCode, error: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status, header: None, error: error.into(), help: help.into() }
    }

    fn with(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    /// The same words whatever is wrong with the token: a caller who is not known learns nothing.
    pub(crate) fn unauthenticated() -> Self {
        let help = "send `Authorization: Bearer TOKEN` with a service account's token of an audience that the agent is configured for";
        Self::new(StatusCode::UNAUTHORIZED, "the caller is not known", help)
            .with(header::WWW_AUTHENTICATE, "Bearer")
    }

    pub(crate) fn forbidden(user: &str, why: &str) -> Self {
        let help = format!(
            "bind the caller to a ClusterRole with `nonResourceURLs: [\"{PATH}\"]` and `verbs: [\"get\"]`"
        );
        let reason = if why.is_empty() { String::new() } else { format!(": {}", words(why)) };
        Self::new(StatusCode::FORBIDDEN, format!("`{}` may not get {PATH}{reason}", words(user)), help)
    }

    pub(crate) fn undecided() -> Self {
        let help = "the API server does not answer the agent; the agent's log says why. Try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "it cannot be told who the caller is", help)
            .with(header::RETRY_AFTER, "5")
    }

    pub(crate) fn no_scan_yet() -> Self {
        let help = "the first scan after a start takes some minutes. Try again; /readyz of the agent says how scans go";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the node has not been scanned yet", help)
            .with(header::RETRY_AFTER, "30")
    }

    pub(crate) fn other_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such path", format!("get {PATH}"))
    }

    pub(crate) fn other_method() -> Self {
        let help = format!("get {PATH}: nothing can be changed here");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "there is no such method", help)
            .with(header::ALLOW, "GET, HEAD")
    }

    pub(crate) fn unwritable() -> Self {
        let help = "this is a fault of the agent's; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the results cannot be written", help)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = body(&self.error, &self.help);
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        response
            .headers_mut()
            .extend(self.header.map(|(name, value)| (name, HeaderValue::from_static(value))));
        response
    }
}

/// An object with the two, in a line.
pub(crate) fn body(error: &str, help: &str) -> String {
    // Two texts always make one.
    let mut body = serde_json::to_string(&Body { error, help }).unwrap_or_default();
    body.push('\n');
    body
}

fn words(text: &str) -> String {
    text.chars().take(WORDS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
