use std::{
    fmt::Debug,
    fs,
    future::IntoFuture as _,
    marker::PhantomData,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use rampart_bus::{Encode, Sink};
use rampart_model::Timestamp;
use rampart_sinks::{
    slack::{self, Slack},
    webhook::{self, Webhook},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    certificate::{Secured, acceptor},
    destination::{Destination, Mood, Trouble},
    finding::POISON,
    gate::{Gate, Way},
};

const TOKEN: &str = "hunter2-token";
const API_KEY: &str = "hunter2-key";
const SIGNING: &str = "aHVudGVyMi1zaWduaW5nLXNlY3JldC1vZi0zMi1ieXRl";
const PATH: &str = "/services/T000/B000/hunter2path";
const CERTIFICATE: &str = "ca.pem";
const SECRETS: [&str; 4] = [TOKEN, API_KEY, SIGNING, "hunter2path"];

/// Connections are cut after so many bytes: within the body of a request.
const CUT: u64 = 6000;

/// A kind of sink that posts.
pub(crate) trait Kind {
    type Sink: Sink + Encode + Debug;

    /// `http` or `https`.
    const SCHEME: &str;

    /// The sink for an address. Its secrets go into a folder, in which the server's certificate is.
    fn sink(base: &str, folder: &TempDir) -> Self::Sink;

    /// Whether a request is as it should be.
    fn is_good(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool;
}

/// A web server.
#[derive(Debug)]
pub(crate) struct Receiver<K> {
    gate: Gate,
    shared: Arc<Shared>,
    folder: TempDir,
    _server: JoinSet<()>,
    kind: PhantomData<K>,
}

#[derive(Debug, Default)]
struct Shared {
    is_refusing: AtomicBool,
    arrived: Mutex<Vec<u8>>,
}

impl<K: Kind + 'static> Destination for Receiver<K> {
    type Sink = K::Sink;
    const TROUBLES: &[Trouble] = &[
        (Mood::Refusing, Some("answers 503")),
        (Mood::Unreachable, Some("nobody listens there")),
        (Mood::Stalling, Some("no answer within 1 s")),
        (Mood::Closing, Some("://127.0.0.1:")),
    ];
    const IS_CHOOSY: bool = true;

    async fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Gate::before(listener.local_addr().unwrap()).await;
        let router = Router::new().fallback(take::<K>).with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        let folder = tempfile::tempdir().unwrap();
        if K::SCHEME == "https" {
            let listener = Secured(listener, acceptor(&folder.path().join(CERTIFICATE)));
            server.spawn(async { axum::serve(listener, router).into_future().await.unwrap() });
        } else {
            server.spawn(async { axum::serve(listener, router).into_future().await.unwrap() });
        }
        Self { gate, shared, folder, _server: server, kind: PhantomData }
    }

    fn sink(&self) -> K::Sink {
        K::sink(&format!("{}://{}", K::SCHEME, self.gate.address()), &self.folder)
    }

    async fn set(&mut self, mood: Mood) {
        self.shared.is_refusing.store(mood == Mood::Refusing, Ordering::SeqCst);
        let way = match mood {
            Mood::Well | Mood::Refusing => Way::Open,
            Mood::Unreachable => Way::Shut,
            Mood::Stalling => Way::Stalling,
            Mood::Closing => Way::Cut(CUT),
        };
        self.gate.set(way).await;
    }

    fn arrived(&self) -> Vec<u8> {
        self.shared.arrived.lock().unwrap().clone()
    }

    fn secrets(&self) -> Vec<String> {
        SECRETS.iter().map(|secret| (*secret).to_owned()).collect()
    }
}

async fn take<K: Kind>(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if shared.is_refusing.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if !K::is_good(&uri, &headers, &body) {
        return StatusCode::IM_A_TEAPOT;
    }
    if String::from_utf8_lossy(&body).contains(POISON) {
        return StatusCode::BAD_REQUEST;
    }
    shared.arrived.lock().unwrap().extend_from_slice(&body);
    StatusCode::OK
}

/// A receiver of signed requests, who asks for a token and a key besides.
#[derive(Debug)]
pub(crate) struct Signed;

impl Kind for Signed {
    type Sink = Webhook;
    const SCHEME: &str = "https";

    fn sink(base: &str, folder: &TempDir) -> Webhook {
        let secret = |name: &str, text: &str| secret(folder, name, text);
        let config = json!({
            "url_from": secret("url", &format!("{base}{PATH}")),
            "signing_secret": secret("signing", &format!("whsec_{SIGNING}")),
            "bearer_token": secret("token", TOKEN),
            "headers": { "X-Api-Key": secret("key", API_KEY) },
            "timeout_seconds": 1,
            "tls": { "ca_file": folder.path().join(CERTIFICATE) },
        });
        let config: webhook::Config = serde_json::from_value(config).unwrap();
        config.build(|| Timestamp::EPOCH).unwrap()
    }

    fn is_good(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
        let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        let mut context =
            hmac::Context::with_key(&hmac::Key::new(HMAC_SHA256, &BASE64_STANDARD.decode(SIGNING).unwrap()));
        context.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
        context.update(body);
        let signature = format!("v1,{}", BASE64_STANDARD.encode(context.sign()));
        let is_known = uri.path() == PATH
            && header("webhook-signature") == signature
            && header("authorization") == format!("Bearer {TOKEN}")
            && header("x-api-key") == API_KEY;
        let findings = serde_json::from_slice(body).map_or(0, |findings: Vec<Value>| findings.len());
        is_known && (1..=webhook::FINDINGS).contains(&findings)
    }
}

/// A channel of Slack.
#[derive(Debug)]
pub(crate) struct Channel;

impl Kind for Channel {
    type Sink = Slack;
    const SCHEME: &str = "http";

    fn sink(base: &str, folder: &TempDir) -> Slack {
        let url = secret(folder, "url", &format!("{base}{PATH}"));
        let config: slack::Config =
            serde_json::from_value(json!({ "url_from": url, "timeout_seconds": 1 })).unwrap();
        config.build(|| Timestamp::EPOCH).unwrap()
    }

    fn is_good(uri: &Uri, _: &HeaderMap, body: &[u8]) -> bool {
        let message: Value = serde_json::from_slice(body).unwrap_or_default();
        let findings = message.pointer("/attachments").and_then(Value::as_array).map_or(0, Vec::len);
        let is_bounded = (1..=slack::FINDINGS).contains(&findings) && body.len() < 64 << 10;
        uri.path() == PATH && is_bounded
    }
}

fn secret(folder: &TempDir, name: &str, text: &str) -> Value {
    let path = folder.path().join(name);
    fs::write(&path, format!("{text}\n")).unwrap();
    json!({ "file": path })
}
