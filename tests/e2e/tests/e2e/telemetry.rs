//! What the agent says of itself over HTTP.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use rampart_e2e::{Agent, spawn_named, text};

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn value(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

#[test]
fn metrics_follow_the_events() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let agent = Agent::start_with(&format!("listen: 127.0.0.1:{port}")).unwrap();
    for _ in 0..50 {
        Command::new("/bin/true").status().unwrap();
    }
    let mut miner = spawn_named(agent.as_ref(), "/bin/sleep", "xmrig", &["0"]).unwrap();
    miner.wait().unwrap();
    agent.wait_for(|finding| text(finding, "/process/pid") == miner.id().to_string()).unwrap();
    // The counters of events are brought up to date once a second.
    std::thread::sleep(Duration::from_millis(2500));
    let metrics = get(port, "/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    assert!(value(&metrics, "rampart_events_total{kind=\"exec\"}") >= 51, "{metrics}");
    assert!(value(&metrics, "rampart_findings_total{severity=\"critical\"}") >= 1, "{metrics}");
    assert!(value(&metrics, "rampart_findings_delivered_total{sink=\"stdout\"}") >= 1, "{metrics}");
    assert!(metrics.contains("rampart_process_gaps_total{reason=\"forgotten\"} 0"), "{metrics}");
    assert!(value(&metrics, "rampart_rules") >= 1, "{metrics}");
    assert!(get(port, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(port, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(port, "/nothing").starts_with("HTTP/1.1 404"));
}
