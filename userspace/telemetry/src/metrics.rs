mod configuration;

use std::time::Duration;

use prometheus::{
    CounterVec, Encoder as _, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
    core::Collector,
};
use rampart_model::{EventKind, Severity, Timestamp};

use self::configuration::Configuration;

/// A metric that cannot be registered or shown.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// Everything that is counted. Counters go up only, by the difference to what they last were told.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    seen: IntCounterVec,
    lost: IntCounterVec,
    findings: IntCounterVec,
    folded: IntCounterVec,
    forgotten: IntCounterVec,
    exceptions: IntCounterVec,
    rules: IntGauge,
    configuration: Configuration,
    own: IntCounterVec,
    restarts: IntCounterVec,
    dropped: IntCounterVec,
    delivered: IntCounterVec,
    retries: IntCounterVec,
    processes: IntCounterVec,
    containers: IntCounterVec,
    runs: IntCounterVec,
    run_time: CounterVec,
}

impl Metrics {
    /// Registers all of them.
    ///
    /// # Errors
    /// [`MetricsError`] when two have one name.
    pub fn new(version: &str) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let build = IntGaugeVec::new(Opts::new("rampart_build_info", "The running version."), &["version"])?;
        build.with_label_values(&[version]).set(1);
        register(&registry, &build)?;
        Ok(Self {
            seen: counter(
                &registry,
                "rampart_events_total",
                "Events seen in the kernel; of kind cpu, made by looking at all processes.",
                &["kind"],
            )?,
            lost: counter(
                &registry,
                "rampart_events_lost_total",
                "Events lost, by where: hook (the kernel left a program out), flood (told in sum only), ring (no room in the ring buffer) or decode.",
                &["kind", "stage"],
            )?,
            findings: counter(&registry, "rampart_findings_total", "Findings made.", &["severity"])?,
            folded: counter(
                &registry,
                "rampart_findings_folded_total",
                "Matches that were not told one by one: repeated (the same as one told before, told with a count) or limited (their rule had made too many).",
                &["reason"],
            )?,
            forgotten: counter(
                &registry,
                "rampart_correlation_forgotten_total",
                "What correlations have forgotten for want of room: a group with all its matches, or a single match.",
                &["what"],
            )?,
            exceptions: counter(
                &registry,
                "rampart_exception_matches_total",
                "Matches that an exception kept from being findings. One that stays at zero is not needed.",
                &["exception"],
            )?,
            rules: {
                let gauge = IntGauge::new("rampart_rules", "Rules in force.")?;
                register(&registry, &gauge)?;
                gauge
            },
            configuration: Configuration::new(&registry)?,
            own: counter(
                &registry,
                "rampart_own_events_total",
                "Events of the agent's own work, which no rule looks at.",
                &["module"],
            )?,
            restarts: counter(
                &registry,
                "rampart_module_restarts_total",
                "Modules started again after a failure.",
                &["module"],
            )?,
            dropped: counter(
                &registry,
                "rampart_findings_dropped_total",
                "Findings dropped because a sink's channel was full.",
                &["sink"],
            )?,
            delivered: counter(
                &registry,
                "rampart_findings_delivered_total",
                "Findings taken by a sink.",
                &["sink"],
            )?,
            retries: counter(
                &registry,
                "rampart_sink_retries_total",
                "Attempts at a sink that were repeated.",
                &["sink"],
            )?,
            processes: counter(
                &registry,
                "rampart_process_gaps_total",
                "Gaps in what is known of processes: forgotten at the tree's bound, unknown when they acted, or unfollowed (too many to follow how much processor time they use, counted at each look).",
                &["reason"],
            )?,
            containers: counter(
                &registry,
                "rampart_container_lookups_total",
                "Containers looked up in their runtimes' files: found, missing (no runtime says anything of it), refused (its document cannot be read), or forgotten at the bound.",
                &["result"],
            )?,
            runs: counter(
                &registry,
                "rampart_program_runs_total",
                "Runs of an eBPF program, while the kernel measures them (sysctl kernel.bpf_stats_enabled).",
                &["program"],
            )?,
            run_time: {
                let help = "Time that those runs took.";
                let metric =
                    CounterVec::new(Opts::new("rampart_program_run_seconds_total", help), &["program"])?;
                register(&registry, &metric)?;
                metric
            },
            registry,
        })
    }

    /// Sets what has been seen of a kind.
    pub fn events_seen(&self, kind: EventKind, total: u64) {
        raise(&self.seen, &[kind.name()], total);
    }

    /// Sets what has been lost of a kind at a stage.
    pub fn events_lost(&self, kind: EventKind, stage: &str, total: u64) {
        raise(&self.lost, &[kind.name(), stage], total);
    }

    /// Sets what the checks of a policy came to.
    pub fn sca(&self, policy: &str, passed: u64, failed: u64, not_applicable: u64) {
        self.configuration.policy(policy, passed, failed, not_applicable);
    }

    /// Counts a scan that came to its end: when, and how long it took.
    pub fn sca_scan(&self, ended: Timestamp, took: Duration) {
        self.configuration.done(ended, took);
    }

    /// Counts a scan that did not.
    pub fn sca_failed_scan(&self) {
        self.configuration.failed();
    }

    /// Sets how many events scans of the configuration have made.
    pub fn own_events(&self, total: u64) {
        raise(&self.own, &["sca"], total);
    }

    /// Counts a finding.
    pub fn finding(&self, severity: Severity) {
        self.findings.with_label_values(&[severity.name()]).inc();
    }

    /// Sets how many matches went into the count of one told before.
    pub fn findings_folded(&self, total: u64) {
        raise(&self.folded, &["repeated"], total);
    }

    /// Sets how many findings were left out because their rule had made too many.
    pub fn findings_limited(&self, total: u64) {
        raise(&self.folded, &["limited"], total);
    }

    /// Sets what correlations have forgotten: groups, or single matches.
    pub fn correlations_forgotten(&self, what: &str, total: u64) {
        raise(&self.forgotten, &[what], total);
    }

    /// Sets how many matches an exception has kept from being findings.
    pub fn exception(&self, id: &str, total: u64) {
        raise(&self.exceptions, &[id], total);
    }

    /// Sets the number of rules in force.
    pub fn rules(&self, count: usize) {
        self.rules.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets how often a module was restarted.
    pub fn restarts(&self, module: &str, total: u64) {
        raise(&self.restarts, &[module], total);
    }

    /// Sets how many findings a sink's channel has dropped.
    pub fn findings_dropped(&self, sink: &str, total: u64) {
        raise(&self.dropped, &[sink], total);
    }

    /// Sets what a sink has taken, and how often it had to be asked again.
    pub fn sink(&self, sink: &str, delivered: u64, retries: u64) {
        raise(&self.delivered, &[sink], delivered);
        raise(&self.retries, &[sink], retries);
    }

    /// Sets how many processes the tree has forgotten at its bound, how many acted without being known, and of how many
    /// the use of processors was not followed.
    pub fn processes(&self, forgotten: u64, unknown: u64, unfollowed: u64) {
        raise(&self.processes, &["forgotten"], forgotten);
        raise(&self.processes, &["unknown"], unknown);
        raise(&self.processes, &["unfollowed"], unfollowed);
    }

    /// Sets how many lookups of containers ended so.
    pub fn containers(&self, result: &str, total: u64) {
        raise(&self.containers, &[result], total);
    }

    /// Sets what an eBPF program has cost.
    pub fn program(&self, program: &str, runs: u64, took: Duration) {
        raise(&self.runs, &[program], runs);
        let metric = self.run_time.with_label_values(&[program]);
        metric.inc_by((took.as_secs_f64() - metric.get()).max(0.0));
    }

    /// All of them in Prometheus's text format.
    ///
    /// # Errors
    /// [`MetricsError`] when one cannot be written.
    pub fn render(&self) -> Result<Vec<u8>, MetricsError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

fn register(registry: &Registry, metric: &(impl Collector + Clone + 'static)) -> Result<(), MetricsError> {
    Ok(registry.register(Box::new(metric.clone()))?)
}

fn counter(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, MetricsError> {
    let metric = IntCounterVec::new(Opts::new(name, help), labels)?;
    register(registry, &metric)?;
    Ok(metric)
}

fn raise(metric: &IntCounterVec, labels: &[&str], total: u64) {
    let metric = metric.with_label_values(labels);
    metric.inc_by(total.saturating_sub(metric.get()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_shown_as_told_and_never_fall() {
        let metrics = Metrics::new("1.2.3").unwrap();
        metrics.events_seen(EventKind::Exec, 5);
        metrics.events_seen(EventKind::Exec, 9);
        metrics.events_seen(EventKind::Exec, 3);
        metrics.events_lost(EventKind::Connect, "ring", 2);
        metrics.finding(Severity::Critical);
        metrics.rules(7);
        let text = String::from_utf8(metrics.render().unwrap()).unwrap();
        for line in [
            "rampart_build_info{version=\"1.2.3\"} 1",
            "rampart_events_total{kind=\"exec\"} 9",
            "rampart_events_lost_total{kind=\"connect\",stage=\"ring\"} 2",
            "rampart_findings_total{severity=\"critical\"} 1",
            "rampart_rules 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
