use std::{
    env,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use rampart_model::{EventKind, Severity, Timestamp};
use rampart_testkit::sample;

use super::Metrics;

/// Names the program; else it is looked for in `PATH`.
const VARIABLE: &str = "RAMPART_PROMTOOL";

/// All metrics with at least one value each.
fn rendered() -> (Metrics, String) {
    let metrics = Metrics::new("1.2.3", "node-1").unwrap();
    let now = Timestamp::EPOCH.after(Duration::from_secs(1_700_000_000));
    metrics.agent_works(true);
    metrics.api_certificate_expiry(now);
    metrics.api_cut("slow");
    metrics.api_request(200);
    metrics.connection_cut("slow");
    metrics.containers("found", 1);
    metrics.correlations_forgotten("group", 1);
    metrics.delivered("stdout", now, now);
    metrics.events_lost(EventKind::Exec, "ring", 1);
    metrics.events_seen(EventKind::Exec, 1);
    metrics.exception("it's \"quoted\"\nand \\ more", 1);
    metrics.fim_events(1);
    metrics.finding(&sample::finding(), now);
    metrics.findings_completed("in_time", 1);
    metrics.findings_dropped("stdout", 1);
    metrics.findings_folded(1);
    metrics.findings_limited(1);
    metrics.findings_refused("stdout", 1);
    metrics.findings_unwaited(1);
    metrics.findings_waiting(1);
    metrics.manager_agent_id("wazuh", "001");
    metrics.manager_connected("wazuh", "[::1]:1514", true);
    metrics.manager_connections("wazuh", 1);
    metrics.manager_enrolments("wazuh", "done", 1);
    metrics.manager_failures("wazuh", "refused", 1);
    metrics.manager_ignored("wazuh", "\u{fffd}", 1);
    metrics.manager_last_ack("wazuh", now);
    metrics.manager_sent("wazuh", "event", 1);
    metrics.module_ok("sensor", true);
    metrics.own_events(1);
    metrics.pod_owners(1, 2);
    metrics.pod_watch(1, 2);
    metrics.pods(1, true);
    metrics.pods_left_out("cut", 1);
    metrics.processes(1, 2, 3);
    metrics.program("exec", 1, Duration::from_micros(5));
    metrics.queue_depth("findings", 1);
    metrics.restarts("http", 1);
    metrics.rules(1);
    metrics.sca("cis_linux", 1, 2, 3);
    metrics.sca_scan(now, Duration::from_secs(7));
    metrics.sink("stdout", 1, 1);
    metrics.spool("wazuh", 1, 2, 3);
    metrics.spool_dropped("wazuh", Severity::Low, 1);
    metrics.spool_write_errors(1);
    let text = String::from_utf8(metrics.render().unwrap()).unwrap();
    (metrics, text)
}

#[test]
fn each_metric_is_shown_as_it_is_described() {
    let (metrics, text) = rendered();
    for description in metrics.descriptions() {
        let (name, kind) = (description.name, description.kind.name());
        for line in [format!("# HELP {name} {}", description.help), format!("# TYPE {name} {kind}")] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        let samples = text.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>();
        for label in &description.labels {
            assert!(samples.iter().any(|line| line.contains(&format!("{label}=\""))), "{name}: {label}");
        }
        assert_eq!(name.starts_with("wazuh_"), description.labels.contains(&"node"), "{name}");
    }
    assert_eq!(text.matches("# TYPE ").count(), metrics.descriptions().len(), "{text}");
}

#[test]
fn dashboards_find_what_they_know() {
    let (metrics, _) = rendered();
    let fixed = metrics.descriptions().iter().filter(|one| one.name.starts_with("wazuh_"));
    let fixed: Vec<_> = fixed.map(|one| (one.name, one.kind.name())).collect();
    assert_eq!(
        fixed,
        [
            ("wazuh_agent_up", "gauge"),
            ("wazuh_alerts_total", "counter"),
            ("wazuh_fim_events_total", "counter"),
            ("wazuh_sca_checks_failed", "gauge"),
            ("wazuh_sca_checks_passed", "gauge"),
            ("wazuh_vulnerabilities_detected", "gauge"),
        ]
    );
}

#[test]
fn promtool_has_nothing_to_say() {
    let promtool = env::var_os(VARIABLE).map_or_else(|| PathBuf::from("promtool"), PathBuf::from);
    let mut command = Command::new(&promtool);
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if env::var_os(VARIABLE).is_none() => {
            println!("skipped promtool_has_nothing_to_say: {error}");
            return;
        }
        Err(error) => panic!("{}: {error}", promtool.display()),
    };
    let (_, text) = rendered();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
}
