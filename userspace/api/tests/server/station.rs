use std::{net::SocketAddr, sync::Arc, time::Duration};

use rampart_api::{Published, Service, serve};
use rampart_bus::CancellationToken;
use rampart_model::{CheckDetail, CheckResult, CheckState, PolicyRef, PolicyScan, PolicySnapshot, Timestamp};
use rampart_telemetry::{Metrics, Need, Readiness};
use rampart_tls::client_config;
use reqwest::Client;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{fake_gate::FakeGate, secret::Secret};

/// Short, so that tests do not wait.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// A server, which ends with the test.
pub(crate) struct Station {
    pub(crate) address: SocketAddr,
    pub(crate) secret: Secret,
    pub(crate) gate: FakeGate,
    pub(crate) policies: watch::Sender<Published>,
    metrics: Metrics,
    ready: Readiness,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinSet<()>,
}

impl Station {
    /// With a certificate, and results.
    pub(crate) async fn start() -> Self {
        let mut secret = Secret::new();
        let pair = secret.new_pair();
        secret.swap(&pair.certificate, &pair.key);
        let station = Self::start_with(secret).await;
        station.publish(CheckResult::Failed);
        station
    }

    /// With what is in the secret, and no results yet.
    pub(crate) async fn start_with(secret: Secret) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (metrics, ready) = (Metrics::new("1", "n").unwrap(), Readiness::default());
        let (gate, stop, mut task) = (FakeGate::default(), CancellationToken::new(), JoinSet::new());
        let policies = watch::Sender::default();
        let service = Service {
            gate: gate.clone(),
            node: "node-1".into(),
            policies: policies.subscribe(),
            identity: secret.identity(),
            look_interval: LOOK_INTERVAL,
            clock: || Timestamp::from_nanos(1_800_000_000_000_000_000),
            metrics: metrics.clone(),
            health: ready.module("results", Need::Optional),
        };
        let stopped = stop.clone();
        task.spawn(async move { serve(&listener, service, &stopped).await });
        Self { address, secret, gate, policies, metrics, ready, stop, task }
    }

    /// One check of one policy, as if it had just been scanned.
    pub(crate) fn publish(&self, result: CheckResult) {
        self.policies.send_replace(Some(vec![Arc::new(snapshot(result))].into()));
    }

    pub(crate) fn shows(&self, line: &str) -> bool {
        self.metrics().lines().any(|found| found == line)
    }

    pub(crate) fn metrics(&self) -> String {
        String::from_utf8(self.metrics.render().unwrap()).unwrap()
    }

    /// What the module says of itself.
    pub(crate) fn health(&self) -> String {
        self.ready.report(std::time::Instant::now()).to_string()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) async fn handshake(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let config = client_config(&self.secret.trust(), None).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(config).connect(name, self.connect().await).await
    }

    /// What a request is answered with, all of it.
    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut stream = self.handshake().await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    pub(crate) async fn ask_as(&self, token: &str) -> String {
        let head = format!("GET /v1/results HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.ask(&head).await
    }

    pub(crate) fn client(&self) -> Client {
        let tls = client_config(&self.secret.trust(), None).unwrap();
        Client::builder().tls_backend_preconfigured((*tls).clone()).no_proxy().build().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/v1/results", self.address.port())
    }
}

/// What is left to be read, until the server ends the connection.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    // A connection that is cut off may end with an error: what came before it counts.
    stream.read_to_end(&mut answer).await.map(drop).unwrap_or_default();
    String::from_utf8(answer).unwrap()
}

fn snapshot(result: CheckResult) -> PolicySnapshot {
    let at = Timestamp::from_nanos(1_700_000_000_000_000_000);
    let compliance = [("nist_800_53".into(), vec!["AC-2".into()])].into();
    let check = CheckState {
        check: 7,
        title: "No empty passwords".into(),
        result,
        because: "a line matches".into(),
        remediation: None,
        detail: Arc::new(CheckDetail { compliance, ..CheckDetail::default() }),
    };
    let scan = PolicyScan {
        policy: PolicyRef { id: "linux".into(), name: "Linux".into() },
        scan: 1,
        first: true,
        file: "linux.yml".into(),
        description: "d".into(),
        references: Arc::default(),
        passed: 1,
        failed: 3,
        not_applicable: 2,
        started: at,
        ended: at,
        hash: "ab".into(),
        file_hash: "cd".into(),
    };
    PolicySnapshot { scan, checks: vec![check] }
}
