//! What the agent says of itself over HTTP.

use std::{process::Command, time::Duration};

use rampart_e2e::{Agent, Telemetry, spawn_named, text};

#[test]
fn metrics_follow_the_events() {
    let telemetry = Telemetry::reserve().unwrap();
    let agent = Agent::start_with(&telemetry.line()).unwrap();
    for _ in 0..50 {
        Command::new("/bin/true").status().unwrap();
    }
    let mut miner = spawn_named(agent.as_ref(), "/bin/sleep", "xmrig", &["0"]).unwrap();
    miner.wait().unwrap();
    agent.wait_for(|finding| text(finding, "/process/pid") == miner.id().to_string()).unwrap();
    // The counters of events are brought up to date once a second.
    std::thread::sleep(Duration::from_millis(2500));
    let metrics = telemetry.get("/metrics").unwrap();
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    for (series, least) in [
        ("rampart_events_total{kind=\"exec\"}", 51),
        ("rampart_findings_total{severity=\"critical\"}", 1),
        ("rampart_findings_delivered_total{sink=\"stdout\"}", 1),
        ("rampart_rules", 1),
    ] {
        assert!(telemetry.value(series).unwrap() >= least, "{series}: {metrics}");
    }
    assert!(metrics.contains("rampart_process_gaps_total{reason=\"forgotten\"} 0"), "{metrics}");
    for (path, status) in [("/readyz", 200), ("/healthz", 200), ("/nothing", 404)] {
        let answer = telemetry.get(path).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
}
