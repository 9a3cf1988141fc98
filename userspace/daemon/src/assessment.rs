//! Scanning the host's configuration from time to time: on the start, at every interval, and on demand.
//!
//! Scans need what the agent gives up: they run as root in the host's namespaces. So a process of its own, started before
//! that, waits for orders and starts each scan as another process, whose memory goes with it.

mod config;
mod memory;
mod orders;
mod outcome;
mod scanner;

use std::{
    io::{self, BufRead as _, Read as _},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rampart_bus::FanOut;
use rampart_kernel::wall_nanos;
use rampart_model::{Assessment, Finding, FindingId, Health, Subject, Timestamp};
use rampart_sinks::wazuh::Snapshots;
use rampart_telemetry::{Metrics, ModuleHealth};

pub(crate) use self::{config::Sca, memory::Memory, orders::Orders, outcome::Line, scanner::Scanner};
use self::{memory::Taken, orders::Order, scanner::Answers};

/// Longest line of a scan's answer, in bytes: the report of all policies is the longest.
const LINE_BYTES: u64 = 64 * 1024 * 1024;

/// What runs the scans and tells of them, on a thread of its own.
pub(crate) struct Assessor {
    pub(crate) node: Arc<str>,
    pub(crate) findings: FanOut,
    pub(crate) metrics: Metrics,
    pub(crate) memory: Memory,
    /// How all policies stand, for who is asked by a manager.
    pub(crate) snapshots: Snapshots,
    pub(crate) health: ModuleHealth,
    pub(crate) interval: Duration,
    pub(crate) scan_on_start: bool,
}

impl Assessor {
    /// Starts the thread; it ends when the orders say so, or the scanner is gone.
    pub(crate) fn start(self, scanner: Scanner) -> anyhow::Result<Orders> {
        let (orders, answers) = scanner.split();
        let given = orders.clone();
        thread::Builder::new()
            .name("assessor".to_owned())
            .spawn(move || self.run(&given, answers))
            .context("starting the assessor")?;
        Ok(orders)
    }

    fn run(mut self, orders: &Orders, mut answers: Answers) {
        self.memory.recall();
        let mut next = Instant::now();
        if !self.scan_on_start {
            next += self.interval;
        }
        while orders.wait_until(next) == Order::Scan {
            next = Instant::now() + self.interval;
            let done = orders.request().and_then(|()| self.scan(&mut answers));
            match done {
                Ok(()) => {}
                Err(_) if orders.ended() => return,
                Err(error) => return self.gone(&error),
            }
        }
    }

    /// Takes the answers to one request.
    ///
    /// # Errors
    /// When the scanner is gone.
    fn scan(&mut self, answers: &mut Answers) -> io::Result<()> {
        loop {
            let mut line = Vec::new();
            answers.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line)?;
            match serde_json::from_slice(&line) {
                Ok(Line::Check { policy, name, check }) => {
                    if let Some(change) = self.memory.change(&policy, &name, &check) {
                        self.tell(Assessment::Changed(change));
                    }
                }
                // Told when the scan has ended: until then it may come out otherwise.
                Ok(Line::Skipped { .. }) => {}
                Ok(Line::Scan(report)) => {
                    let Taken { told, snapshots } = self.memory.take(&report);
                    // Before it is told: a manager that is told of a policy may ask for all of it.
                    self.snapshots.publish(snapshots);
                    for assessment in told {
                        self.tell(assessment);
                    }
                    self.account(&report);
                }
                Ok(Line::Done { failure: None }) => {
                    self.health.ok();
                    return Ok(());
                }
                Ok(Line::Done { failure: Some(failure) }) => {
                    tracing::error!(
                        failure,
                        "a scan of the configuration failed; the next one is tried as if it had not"
                    );
                    self.metrics.sca_failed_scan();
                    self.health.degraded(format!("the last scan failed: {failure}"));
                    return Ok(());
                }
                Err(_) if line.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
                // What a scan has left that was ended in the middle of a line; its end comes next.
                Err(error) => tracing::debug!(%error, "not an answer"),
            }
        }
    }

    fn account(&self, report: &rampart_sca::ScanReport) {
        for policy in &report.policies {
            self.metrics.sca(&policy.id, policy.passed as u64, policy.failed as u64, policy.invalid as u64);
        }
        let took = report.ended.since(report.started);
        self.metrics.sca_scan(report.ended, took);
        let count =
            |count: fn(&rampart_sca::PolicyReport) -> usize| report.policies.iter().map(count).sum::<usize>();
        tracing::info!(
            passed = count(|policy| policy.passed),
            failed = count(|policy| policy.failed),
            not_applicable = count(|policy| policy.invalid),
            seconds = took.as_secs_f32(),
            "configuration scanned"
        );
    }

    fn gone(&mut self, error: &io::Error) {
        tracing::error!(%error, "the scanner is gone; the configuration is not scanned until the agent is started again");
        self.health.failed(format!("the scanner is gone: {error}"));
        let health = Health::ModuleEnded { module: "sca", error: error.to_string().into() };
        self.publish(Subject::Health(health));
    }

    fn tell(&mut self, assessment: Assessment) {
        self.publish(Subject::Assessment(Box::new(assessment)));
    }

    fn publish(&mut self, subject: Subject) {
        let time = Timestamp::from_nanos(wall_nanos());
        let finding = Finding { id: FindingId::random(), time, node: Arc::clone(&self.node), subject };
        self.metrics.finding(&finding, time);
        if self.findings.publish_blocking(finding).is_err() {
            tracing::debug!("a finding has no sink left to go to");
        }
    }
}
