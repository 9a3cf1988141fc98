use std::{net::SocketAddr, time::Duration};

use rampart_bus::CancellationToken;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{connections, routes};
use crate::{Metrics, Need, Readiness};

/// Ends with the test.
struct Server {
    address: SocketAddr,
    metrics: Metrics,
    ready: Readiness,
    stop: CancellationToken,
    task: JoinSet<()>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (metrics, ready) = (Metrics::new("1", "n").unwrap(), Readiness::default());
        let (stop, mut task) = (CancellationToken::new(), JoinSet::new());
        let (router, counted, stopped) =
            (routes(metrics.clone(), ready.clone()), metrics.clone(), stop.clone());
        task.spawn(async move { connections::serve(&listener, &router, &counted, &stopped).await });
        Self { address, metrics, ready, stop, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn ask(&self, head: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await
    }

    fn shows(&self, line: &str) -> bool {
        let text = String::from_utf8(self.metrics.render().unwrap()).unwrap();
        text.lines().any(|found| found == line)
    }
}

/// What is left to be read, until the server ends the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is cut off may end with an error: what came before it counts.
    stream.read_to_end(&mut answer).await.map(drop).unwrap_or_default();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn each_path_answers_and_each_answer_ends_the_connection() {
    let server = Server::start().await;
    for (head, status, end) in [
        ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "200", "\r\n\r\nok\n"),
        ("GET /healthz?verbose HTTP/1.0\r\n\r\n", "200", "\r\n\r\nok\n"),
        ("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "200", "\r\n\r\n"),
        ("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", "503", "\r\n\r\nnot ready\n"),
        ("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "404", "\r\n\r\n"),
        ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", "405", "\r\n\r\n"),
        ("nonsense\r\n\r\n", "400", "\r\n\r\n"),
    ] {
        let answer = server.ask(head).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head}{answer}");
        assert!(answer.ends_with(end), "{head}{answer}");
    }
}

#[tokio::test]
async fn health_says_what_is_wrong() {
    let server = Server::start().await;
    server.ready.set(true);
    server.ready.module("http", Need::Required).ok();
    server.ready.module("wazuh", Need::Optional).degraded("no manager answers");
    let answer = server.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\nready\nhttp: ok\nwazuh: degraded: no manager answers\n"), "{answer}");
    let answer = server.get("/metrics").await;
    for line in [
        "wazuh_agent_up{node=\"n\"} 1",
        "rampart_module_ok{module=\"wazuh\"} 0",
        "rampart_module_ok{module=\"http\"} 1",
    ] {
        assert!(answer.lines().any(|found| found == line), "{line} is not in\n{answer}");
    }

    let beat = server.ready.heartbeat("pipeline", Duration::ZERO);
    std::thread::sleep(Duration::from_millis(2));
    let answer = server.get("/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with("stuck\npipeline: no sign of life for 0 s\n"), "{answer}");
    assert!(server.get("/metrics").await.contains("wazuh_agent_up{node=\"n\"} 0\n"));
    beat.rest();
    assert!(server.get("/metrics").await.contains("wazuh_agent_up{node=\"n\"} 1\n"));
}

#[tokio::test]
async fn who_has_managers_is_up_while_connected_to_one() {
    let server = Server::start().await;
    server.ready.set(true);
    for (first, second, up) in [(false, false, 0), (true, false, 1), (false, true, 1), (false, false, 0)] {
        server.metrics.manager_connected("wazuh", "one:1514", first);
        server.metrics.manager_connected("wazuh", "two:1514", second);
        let answer = server.get("/metrics").await;
        assert!(answer.contains(&format!("wazuh_agent_up{{node=\"n\"}} {up}\n")), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_is_cut_off_and_counted() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost:").await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
    assert!(server.shows("rampart_http_cut_total{reason=\"slow\"} 1"));
}

#[tokio::test]
async fn a_crowd_of_slow_clients_keeps_nobody_out() {
    let server = Server::start().await;
    let mut crowd = Vec::new();
    for _ in 0..connections::CONNECTIONS {
        crowd.push(server.connect().await);
    }
    assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200 "));
    // The oldest had to go.
    assert_eq!(rest(&mut crowd[0]).await, "");
    assert!(server.shows("rampart_http_cut_total{reason=\"crowded\"} 1"));
}

#[tokio::test]
async fn a_head_has_a_bound() {
    let server = Server::start().await;
    let long = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "a".repeat(100_000));
    let many = format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(100));
    assert!(!server.ask(&long).await.contains("rampart_"));
    assert!(server.ask(&many).await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn a_client_that_stays_does_not_hold_up_the_end() {
    let mut server = Server::start().await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET").await.unwrap();
    // Connections are taken in order: the one before is being served.
    assert!(server.get("/healthz").await.ends_with("ok\n"));
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    server.stop.cancel();
    server.task.join_next().await.unwrap().unwrap();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error_and_shown() {
    let server = Server::start().await;
    let stop = server.stop.clone();
    super::serve(server.address, server.metrics.clone(), server.ready.clone(), stop).await.unwrap_err();
    let answer = server.get("/readyz").await;
    assert!(answer.contains("not ready\nhttp: failed: "), "{answer}");
}
