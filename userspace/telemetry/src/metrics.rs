mod agent;
mod api;
mod bound;
mod completion;
mod configuration;
mod delivery;
mod description;
mod events;
mod findings;
mod integrity;
mod listener;
mod manager;
mod modules;
mod pods;
mod process;
mod programs;
mod registrar;
mod rules;
mod spool;
mod vulnerabilities;

#[cfg(test)]
mod promtool;

use std::sync::Arc;

use prometheus::{Encoder as _, Registry, TextEncoder};

use self::registrar::Registrar;

pub use self::description::{Description, MetricKind};

/// A metric that cannot be registered or shown.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// One row a family: its metrics and the methods that set them are in the module of that name.
macro_rules! families {
    ($($module:ident: $family:ident,)*) => {
        #[derive(Debug)]
        struct Families {
            $($module: $module::$family,)*
        }

        impl Families {
            fn register(registrar: &mut Registrar) -> Result<Self, MetricsError> {
                Ok(Self { $($module: $module::$family::register(registrar)?,)* })
            }
        }
    };
}

families! {
    agent: Agent,
    api: Api,
    completion: Completion,
    configuration: Configuration,
    delivery: Delivery,
    events: Events,
    findings: Findings,
    integrity: Integrity,
    listener: Listener,
    manager: Manager,
    modules: Modules,
    pods: Pods,
    programs: Programs,
    rules: Rules,
    spool: Spool,
    vulnerabilities: Vulnerabilities,
}

/// Everything that is counted. Clones count in the same place. Counters go up only: methods that set a total add the difference
/// to what they last were told.
///
/// A labelled metric has at most [`LABEL_SETS`](Self::LABEL_SETS) series, whatever it is told.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    descriptions: Arc<[Description]>,
    families: Arc<Families>,
}

impl Metrics {
    /// Most series of one metric. Of what comes beyond, events that are counted one by one go under the label value `other`;
    /// totals and states are not shown.
    pub const LABEL_SETS: usize = bound::LABEL_SETS;

    /// Registers all of them. `version` is the running program's; `node` is the node's name, which stands as the label `node` on
    /// each metric whose name begins with `wazuh_`, so that rules and dashboards can tell nodes apart by it alone.
    ///
    /// # Errors
    /// [`MetricsError`] when two have one name.
    pub fn new(version: &str, node: &str) -> Result<Self, MetricsError> {
        let mut registrar = Registrar::new(node);
        let families = Families::register(&mut registrar)?;
        process::register(&mut registrar)?;
        families.agent.set_version(version);
        let (registry, descriptions) = registrar.finish();
        Ok(Self { registry, descriptions: descriptions.into(), families: Arc::new(families) })
    }

    /// What there is, by name, whether or not it has been set yet.
    #[must_use]
    pub fn descriptions(&self) -> &[Description] {
        &self.descriptions
    }

    /// All that have been set, in Prometheus's text format.
    ///
    /// # Errors
    /// [`MetricsError`] when one cannot be written.
    pub fn render(&self) -> Result<Vec<u8>, MetricsError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use rampart_model::{EventKind, Severity, Timestamp};
    use rampart_testkit::sample;

    use super::Metrics;

    fn text(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render().unwrap()).unwrap()
    }

    #[test]
    fn totals_are_shown_as_told_and_never_fall() {
        let metrics = Metrics::new("1.2.3", "node-1").unwrap();
        metrics.events_seen(EventKind::Exec, 5);
        metrics.events_seen(EventKind::Exec, 9);
        metrics.events_seen(EventKind::Exec, 3);
        metrics.events_lost(EventKind::Connect, "ring", 2);
        metrics.rules(7);
        metrics.spool_dropped("wazuh", Severity::Low, 4);
        let text = text(&metrics);
        for line in [
            "rampart_build_info{version=\"1.2.3\"} 1",
            "rampart_events_total{kind=\"exec\"} 9",
            "rampart_events_lost_total{kind=\"connect\",stage=\"ring\"} 2",
            "rampart_rules 7",
            "rampart_spool_dropped_total{severity=\"low\",sink=\"wazuh\"} 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_zero() {
        let metrics = Metrics::new("1", "n").unwrap();
        assert!(text(&metrics).contains("wazuh_vulnerabilities_detected{node=\"n\"} NaN\n"));
        metrics.vulnerabilities(0);
        assert!(text(&metrics).contains("wazuh_vulnerabilities_detected{node=\"n\"} 0\n"));
    }

    #[test]
    fn a_finding_counts_as_what_it_is() {
        let metrics = Metrics::new("1", "n").unwrap();
        let finding = sample::finding();
        let severity = finding.severity().name();
        metrics.finding(&finding, finding.time.after(std::time::Duration::from_millis(3)));
        let text = text(&metrics);
        for line in [
            format!("rampart_findings_total{{severity=\"{severity}\"}} 1"),
            format!("wazuh_alerts_total{{node=\"n\",severity=\"{severity}\"}} 1"),
            "rampart_finding_latency_seconds_bucket{le=\"0.0025\"} 0".to_owned(),
            "rampart_finding_latency_seconds_bucket{le=\"0.005\"} 1".to_owned(),
        ] {
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
        assert!(text.contains("wazuh_alerts_total{node=\"n\",severity=\"critical\"} "), "{text}");
    }

    #[test]
    fn what_is_told_again_is_not_late() {
        let metrics = Metrics::new("1", "n").unwrap();
        let now = sample::finding().time;
        for time in [now, Timestamp::EPOCH] {
            metrics.delivered("wazuh", time, now);
        }
        let text = text(&metrics);
        assert!(text.contains("rampart_delivery_latency_seconds_count{sink=\"wazuh\"} 1\n"), "{text}");
    }

    #[test]
    fn what_a_stranger_names_makes_no_series_without_end() {
        let metrics = Metrics::new("1", "n").unwrap();
        for number in 0..2000_u32 {
            metrics.rule_matches(&format!("rule-{number}"), 1);
            metrics.exception(&format!("exception-{number}"), 1);
        }
        let text = text(&metrics);
        let series = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(series("rampart_rule_matches_total{"), Metrics::LABEL_SETS + 1);
        assert_eq!(series("rampart_exception_matches_total{"), Metrics::LABEL_SETS);
        assert!(text.contains("rampart_rule_matches_total{rule=\"other\"} 1000\n"), "{text}");
        assert!(
            text.contains("rampart_metrics_refused_total{metric=\"rampart_exception_matches_total\"} 1000\n")
        );
    }

    #[test]
    fn the_agent_has_one_id() {
        let metrics = Metrics::new("1", "n").unwrap();
        metrics.manager_agent_id("wazuh", "001");
        metrics.manager_agent_id("wazuh", "002");
        metrics.manager_last_ack("wazuh", Timestamp::from_nanos(1_500_000_000));
        let text = text(&metrics);
        assert!(
            text.contains("rampart_agent_info{agent_id=\"002\",sink=\"wazuh\"} 1\n")
                && !text.contains("\"001\""),
            "{text}"
        );
        assert!(text.contains("rampart_manager_last_ack_timestamp_seconds{sink=\"wazuh\"} 1\n"), "{text}");
    }
}
