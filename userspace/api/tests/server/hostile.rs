use rampart_model::CheckResult;
use tokio::{io::AsyncWriteExt as _, task::JoinSet};

use crate::station::{LOOK_INTERVAL, Station, rest};

#[tokio::test]
async fn who_does_not_speak_tls_gets_nothing() {
    let station = Station::start().await;
    for (said, expected) in [
        (
            "GET /v1/results HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader\r\n\r\n",
            "this port speaks TLS",
        ),
        ("G", "this port speaks TLS"),
        ("\0\0\0", "this port speaks TLS"),
        // A record of TLS with nothing sensible in it.
        ("\x16\x03\x01\0\x05hello", ""),
        ("", ""),
    ] {
        let mut stream = station.connect().await;
        stream.write_all(said.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest_of_bytes(&mut stream).await;
        assert!(answer.contains(expected) && !answer.contains("password"), "{said:?}: {answer}");
    }
    assert!(station.shows("rampart_api_cut_total{reason=\"plain\"} 3"), "{}", station.metrics());
    assert!(station.shows("rampart_api_cut_total{reason=\"handshake\"} 2"), "{}", station.metrics());
    assert!(station.gate.asked().is_empty());
}

/// An alert of TLS is no text.
async fn rest_of_bytes(stream: &mut tokio::net::TcpStream) -> String {
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(stream, &mut answer).await.map(drop).unwrap_or_default();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_too_long_is_not_asked_about() {
    let station = Station::start().await;
    for (bytes, status) in [(1000, "401"), (20_000, "401"), (100_000, "431")] {
        let answer = station.ask_as(&"a".repeat(bytes)).await;
        // The end of a connection with something unread may overtake the answer.
        let is_cut = status == "431" && answer.is_empty();
        assert!(is_cut || answer.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}: {answer}");
    }
    let many = "A: b\r\n".repeat(100);
    let answer = station.ask(&format!("GET /v1/results HTTP/1.1\r\nHost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(station.ask("nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
    assert!(station.shows("rampart_api_cut_total{reason=\"malformed\"} 3"), "{}", station.metrics());
    assert_eq!(station.gate.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_slow_is_cut_off() {
    let station = Station::start().await;
    let mut silent = station.connect().await;
    let mut half = station.connect().await;
    half.write_all(b"\x16\x03\x01").await.unwrap();
    let mut slow = station.handshake().await.unwrap();
    slow.write_all(b"GET /v1/results HTTP/1.1\r\nAuthorization: Bearer re").await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(rest(&mut half).await, "");
    assert_eq!(rest(&mut slow).await, "");
    assert!(station.shows("rampart_api_cut_total{reason=\"slow\"} 3"), "{}", station.metrics());
}

#[tokio::test]
async fn a_gate_that_does_not_decide_lets_nobody_in() {
    let station = Station::start().await;
    let mut stream = station.handshake().await.unwrap();
    let head = b"GET /v1/results HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer stuck\r\n\r\n";
    stream.write_all(head).await.unwrap();
    while station.gate.asked().is_empty() {
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
    // From here on nothing but time is waited for.
    tokio::time::pause();
    let answer = rest(&mut stream).await;
    tokio::time::resume();
    assert!(answer.starts_with("HTTP/1.1 503 ") && !answer.contains("password"), "{answer}");
    assert!(station.ask_as("reader").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn two_hundred_at_once_are_all_answered() {
    let station = Station::start().await;
    let mut callers = JoinSet::new();
    for _ in 0..200 {
        let request = station.client().get(station.url()).bearer_auth("reader");
        callers.spawn(async move { request.send().await.unwrap().text().await.unwrap() });
    }
    for answer in callers.join_all().await {
        assert!(answer.contains("No empty passwords"), "{answer}");
    }
    assert!(station.shows("rampart_api_requests_total{code=\"200\"} 200"), "{}", station.metrics());
}

#[tokio::test]
async fn a_crowd_of_slow_callers_keeps_nobody_out() {
    let station = Station::start().await;
    let mut crowd = Vec::new();
    for _ in 0..64 {
        crowd.push(station.connect().await);
    }
    assert!(station.ask_as("reader").await.starts_with("HTTP/1.1 200 "));
    // The oldest had to go.
    assert_eq!(rest(&mut crowd[0]).await, "");
    assert!(station.shows("rampart_api_cut_total{reason=\"crowded\"} 1"), "{}", station.metrics());
}

#[tokio::test]
async fn a_caller_who_stays_does_not_hold_up_the_end() {
    let mut station = Station::start().await;
    let mut stream = station.handshake().await.unwrap();
    station.publish(CheckResult::Passed);
    tokio::time::pause();
    station.stop.cancel();
    station.task.join_next().await.unwrap().unwrap();
    assert_eq!(rest(&mut stream).await, "");
}
