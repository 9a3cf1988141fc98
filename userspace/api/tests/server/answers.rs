use std::{
    io,
    sync::{Arc, Mutex},
};

use rampart_model::CheckResult;
use reqwest::{Method, StatusCode, header};
use tracing_subscriber::fmt::MakeWriter;

use crate::{secret::Secret, station::Station};

#[tokio::test]
async fn who_may_get_them_gets_the_results() {
    let station = Station::start().await;
    let answer = station.client().get(station.url()).bearer_auth("reader").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    for (name, expected) in [
        ("content-type", "application/json"),
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.headers()[name], expected, "{name}");
    }
    let found: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let expected = serde_json::json!({
        "schema": "1.0",
        "node": "node-1",
        "generated": "2027-01-15T08:00:00.000000000Z",
        "policies": [{
            "id": "linux", "name": "Linux", "file": "linux.yml", "file_hash": "cd", "hash": "ab",
            "scanned": "2023-11-14T22:13:20.000000000Z",
            "passed": 1, "failed": 3, "invalid": 2, "score": 25.0,
            "checks": [{
                "id": 7, "title": "No empty passwords", "result": "failed", "reason": "a line matches",
                "compliance": { "nist_800_53": ["AC-2"] },
            }],
        }],
    });
    assert_eq!(found, expected);
    assert!(station.shows("rampart_api_requests_total{code=\"200\"} 1"), "{}", station.metrics());
}

/// Method, path, values of the header Authorization, and the status.
const TABLE: [(&str, &str, &[&str], u16); 19] = [
    ("GET", "/v1/results", &["Bearer reader"], 200),
    ("GET", "/v1/results?all", &["bearer reader"], 200),
    ("HEAD", "/v1/results", &["Bearer reader"], 200),
    ("POST", "/v1/results", &["Bearer reader"], 405),
    ("DELETE", "/v1/results", &["Bearer reader"], 405),
    ("GET", "/", &["Bearer reader"], 404),
    ("GET", "/v1/results/", &["Bearer reader"], 404),
    ("GET", "/metrics", &["Bearer reader"], 404),
    ("GET", "/v1/results", &[], 401),
    ("GET", "/nothing", &[], 401),
    ("POST", "/v1/results", &[], 401),
    ("GET", "/v1/results", &["Basic cmVhZGVy"], 401),
    ("GET", "/v1/results", &["Bearer"], 401),
    ("GET", "/v1/results", &["Bearer reader", "Bearer reader"], 401),
    ("GET", "/v1/results", &["Bearer stranger"], 401),
    ("GET", "/nothing", &["Bearer stranger"], 401),
    ("GET", "/v1/results", &["Bearer other"], 403),
    ("GET", "/nothing", &["Bearer other"], 403),
    ("GET", "/v1/results", &["Bearer away"], 503),
];

#[tokio::test]
async fn each_request_has_its_status() {
    let station = Station::start().await;
    for (method, path, values, status) in TABLE {
        let fields: String = values.iter().map(|value| format!("Authorization: {value}\r\n")).collect();
        let answer = station.ask(&format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n")).await;
        let case = format!("{method} {path} {values:?}\n{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{case}");
        assert_eq!(body.contains("No empty passwords"), status == 200 && method == "GET", "{case}");
        assert_eq!(head.contains("www-authenticate: Bearer\r\n"), status == 401, "{case}");
        if status >= 400 {
            let problem: serde_json::Value = serde_json::from_str(body).unwrap();
            assert!(problem["error"].is_string() && problem["help"].is_string(), "{case}");
        }
        assert_eq!(head.contains("retry-after: "), status == 503, "{case}");
    }
    let asked = station.gate.asked();
    assert!(asked.iter().all(|question| question.starts_with("/v1/results ")), "{asked:?}");
}

#[tokio::test]
async fn http_1_0_is_answered_too() {
    let station = Station::start().await;
    let answer = station.ask("GET /v1/results HTTP/1.0\r\nAuthorization: Bearer reader\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 ") && answer.contains("No empty passwords"), "{answer}");
}

#[tokio::test]
async fn who_has_the_newest_gets_nothing_again() {
    let station = Station::start().await;
    let get = async |etag: Option<&header::HeaderValue>, method: Method| {
        let request = station.client().request(method, station.url()).bearer_auth("reader");
        let request = etag.iter().fold(request, |request, etag| request.header(header::IF_NONE_MATCH, *etag));
        request.send().await.unwrap()
    };
    let first = get(None, Method::HEAD).await;
    assert!(first.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse::<usize>().unwrap() > 100);
    let etag = first.headers()[header::ETAG].clone();
    for method in [Method::GET, Method::HEAD] {
        let again = get(Some(&etag), method).await;
        assert_eq!((again.status(), &again.headers()[header::ETAG]), (StatusCode::NOT_MODIFIED, &etag));
    }
    station.publish(CheckResult::Passed);
    let newer = get(Some(&etag), Method::GET).await;
    assert_eq!(newer.status(), StatusCode::OK);
    assert!(newer.text().await.unwrap().contains("\"passed\",\"compliance\""));
}

#[tokio::test]
async fn before_the_first_scan_there_is_nothing_to_get() {
    let mut secret = Secret::new();
    let pair = secret.new_pair();
    secret.swap(&pair.certificate, &pair.key);
    let station = Station::start_with(secret).await;
    let answer = station.ask_as("reader").await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("not been scanned yet"), "{answer}");
    assert!(station.ask_as("other").await.starts_with("HTTP/1.1 403 "));
    // No policy applies: that is a result.
    station.policies.send_replace(Some(Vec::new().into()));
    assert!(station.ask_as("reader").await.ends_with("\"policies\":[]}"));
}

/// What was logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_token_is_neither_logged_nor_answered() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_env_filter("trace").with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let station = Station::start().await;
    for token in ["reader", "quoted", "away", "gone.by.now"] {
        let answer = station.ask_as(token).await;
        assert!(!answer.contains(token), "{answer}");
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in ["is let in", "may not get", "is not known", "it cannot be told", "it quotes the token"] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    for token in ["reader", "says quoted", "away", "gone.by.now"] {
        assert!(!text.contains(token), "{token} is in\n{text}");
    }
}

#[tokio::test]
async fn words_of_others_stay_in_their_place() {
    let station = Station::start().await;
    let answer = station.ask_as("other").await;
    assert!(answer.contains("`somebody  else` may not get /v1/results: no role"), "{answer}");
}
