//! What a web server says to a sink that posts, and what becomes of it.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a test needs is there, or the test fails")]

use std::{
    future::IntoFuture as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, StatusCode, Uri,
        header::{LOCATION, RETRY_AFTER},
    },
    response::IntoResponse,
};
use rampart_bus::{Encode as _, Sink as _, SinkError};
use rampart_model::Timestamp;
use rampart_sinks::webhook::{Config, Webhook};
use rampart_testkit::sample;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpListener, task::JoinSet};

/// Paths that were asked for, each with the request's id.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

struct Server {
    base: String,
    asked: Asked,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start() -> Self {
        let asked = Asked::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
        let mut tasks = JoinSet::new();
        tasks.spawn(async { axum::serve(listener, router).into_future().await.unwrap() });
        Self { base, asked, _tasks: tasks }
    }

    fn sink(&self, path: &str) -> Webhook {
        sink(&format!("{}{path}", self.base))
    }
}

fn sink(url: &str) -> Webhook {
    let config: Config = serde_json::from_value(json!({ "url": url, "timeout_seconds": 5 })).unwrap();
    config.build(|| Timestamp::EPOCH).unwrap()
}

/// `/307`, `/429` and so on.
async fn answer(State(asked): State<Asked>, uri: Uri, headers: HeaderMap) -> impl IntoResponse {
    let id = headers.get("webhook-id").unwrap().to_str().unwrap();
    asked.lock().unwrap().push((uri.path().to_owned(), id.to_owned()));
    let status = uri.path().trim_start_matches('/').parse().ok();
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    (status, [(LOCATION, "/elsewhere"), (RETRY_AFTER, "7")], "hunter2 ".repeat(100_000))
}

/// What the server says goes to nobody: it may have been told secrets, and repeat them.
#[tokio::test]
async fn what_is_not_taken_is_held_back_and_says_why() {
    let server = Server::start().await;
    for (path, expected) in [
        ("/307", "answers 307: it redirects elsewhere, which is not followed"),
        ("/401", "answers 401: it does not accept who we are"),
        ("/404", "answers 404: nothing is there; is the URL right?"),
        ("/429", "answers 429"),
        ("/503", "answers 503"),
    ] {
        let mut sink = server.sink(path);
        let message = Arc::new(sink.message(&sample::finding()).unwrap());
        match sink.send(&[message]).await {
            Err(SinkError::Retryable { error, after }) => {
                let error = error.to_string();
                assert!(error.contains(expected) && !error.contains("hunter2"), "{path}: {error}");
                assert_eq!(after, Some(Duration::from_secs(7)));
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    let asked = server.asked.lock().unwrap();
    assert!(asked.iter().all(|(path, _)| path != "/elsewhere"), "{asked:?}");
}

#[tokio::test]
async fn what_is_sent_again_is_known_by_its_id() {
    let server = Server::start().await;
    let mut sink = server.sink("/503");
    let message = |sink: &Webhook| Arc::new(sink.message(&sample::finding()).unwrap());
    let (first, second) = (message(&sink), message(&sink));
    for messages in [&[Arc::clone(&first)][..], &[Arc::clone(&first)], &[first, second]] {
        assert!(sink.send(messages).await.is_err());
    }
    let ids: Vec<String> = server.asked.lock().unwrap().iter().map(|(_, id)| id.clone()).collect();
    assert!(ids[0] == ids[1] && ids[1] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn many_findings_go_in_parts() {
    let server = Server::start().await;
    let mut sink = server.sink("/200");
    let messages: Vec<_> = (0..250).map(|_| Arc::new(sink.message(&sample::finding()).unwrap())).collect();
    assert_eq!(sink.send(&messages).await.unwrap(), 100);
}

/// The address may be a secret, and errors of the library have it in them.
#[tokio::test]
async fn what_speaks_no_http_learns_nothing_and_nobody_of_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let mut sink = sink(&format!("{origin}/hunter2"));
    let messages = [Arc::new(sink.message(&sample::finding()).unwrap())];
    let babble = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 smtp.example ESMTP\r\n").await.unwrap();
        stream
    };
    let (sent, _stream) = tokio::join!(sink.send(&messages), babble);
    let error = sent.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(&format!("{origin}: error sending request: ")), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
