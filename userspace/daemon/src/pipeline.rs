use std::sync::Arc;

use rampart_bus::{FanOut, Restarts};
use rampart_kernel::{Tally, wall_nanos};
use rampart_model::{Event, EventKind, Finding, FindingId, Health, Subject, Timestamp};
use rampart_policy::Problem;
use rampart_runtime::{Detector, DetectorCounters};
use rampart_telemetry::{Heartbeat, Metrics};

use crate::{
    feed::{Feed, Item, Next, Report},
    loss::LossWatch,
    policies::{Reloaded, Reloads, Rules, explained},
};

/// Events in, findings out; owned by one thread.
pub(crate) struct Pipeline {
    pub(crate) node: Arc<str>,
    pub(crate) detector: Detector,
    pub(crate) findings: FanOut,
    pub(crate) metrics: Metrics,
    pub(crate) restarts: Restarts,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) reloads: Reloads,
    /// The process below which the configuration is scanned.
    pub(crate) scanner: Option<u32>,
    /// Events of the scans, which no rule has looked at.
    pub(crate) own: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    /// Events that went all the way through detection, by kind.
    pub(crate) handled: [u64; EventKind::ALL.len()],
}

impl Pipeline {
    /// Runs until the feed ends.
    pub(crate) fn run(mut self, feed: Feed, refused: &[Problem]) -> anyhow::Result<Outcome> {
        for problem in refused {
            let error = explained(problem);
            self.report(Health::RuleRefused { error }, Timestamp::from_nanos(wall_nanos()));
        }
        let mut loss = LossWatch::default();
        let mut handled = [0_u64; EventKind::ALL.len()];
        let mut now = Timestamp::from_nanos(wall_nanos());
        let tally = feed.run(|item| {
            match item {
                Item::Event(event) => {
                    now = event.time;
                    count(&mut handled, event.kind());
                    if self.is_own(&event) {
                        self.own += 1;
                        return Ok(Next::Continue);
                    }
                    for finding in self.detector.detect(&Arc::new(event)) {
                        self.publish(finding);
                    }
                }
                Item::Filtered(kind) => count(&mut handled, kind),
                Item::Pause => return Ok(self.reload(now)),
                Item::Account(report) => self.account(*report, &mut loss, now),
            }
            Ok(Next::Continue)
        })?;
        for health in loss.finish() {
            self.report(health, now);
        }
        for finding in self.detector.finish(now) {
            self.publish(finding);
        }
        for (exception, _) in self.detector.engine().exceptions().filter(|(_, used)| *used == 0) {
            tracing::info!(exception = %exception.title, at = %exception.origin, "an exception was of no use");
        }
        Ok(Outcome { tally, handled })
    }

    /// Whether one of the scans of the configuration did it: what they look for looks like what an attacker looks for.
    fn is_own(&self, event: &Event) -> bool {
        // The scanner's number is its own as long as the agent, whose child it is, has not waited for it.
        self.scanner.is_some_and(|scanner| {
            let process = &*event.process;
            process.key.pid == scanner || process.ancestors().any(|ancestor| ancestor.key.pid == scanner)
        })
    }

    /// Puts other rules in force, where they have been loaded.
    fn reload(&mut self, now: Timestamp) -> Next {
        match self.reloads.take() {
            None => Next::Continue,
            Some(Reloaded::Rules(rules)) => {
                let Rules { engine, count, demand } = *rules;
                self.detector.replace(engine);
                self.metrics.rules(count);
                tracing::info!(rules = count, "rules loaded again");
                Next::Demand(demand)
            }
            Some(Reloaded::Refused(errors)) => {
                for error in errors {
                    tracing::error!(error, "rules not loaded again; those before stay in force");
                    self.report(Health::ReloadRefused { error }, now);
                }
                Next::Continue
            }
        }
    }

    fn account(&mut self, report: Report, loss: &mut LossWatch, now: Timestamp) {
        let Report { tally, tree, containers, unfollowed, floods, costs } = report;
        self.heartbeat.beat();
        self.metrics.processes(tree.forgotten, tree.unknown, unfollowed);
        for (result, total) in [
            ("found", containers.found),
            ("missing", containers.missing),
            ("refused", containers.refused),
            ("forgotten", containers.forgotten),
        ] {
            self.metrics.containers(result, total);
        }
        for (kind, counters) in tally.iter() {
            self.metrics.events_seen(kind, counters.seen);
            self.metrics.events_lost(kind, "hook", counters.skipped);
            self.metrics.events_lost(kind, "flood", counters.summarised);
            self.metrics.events_lost(kind, "ring", counters.lost_ring);
            self.metrics.events_lost(kind, "decode", counters.lost_decode);
        }
        for cost in costs {
            self.metrics.program(cost.program, cost.runs, cost.took);
        }
        for (module, count) in self.restarts.counts() {
            self.metrics.restarts(&module, count);
        }
        for (sink, dropped) in self.findings.dropped() {
            self.metrics.findings_dropped(sink, dropped);
        }
        for health in loss.update(&tally, floods, now) {
            self.report(health, now);
        }
        self.metrics.own_events(self.own);
        self.account_rules();
    }

    /// What the rules have come to, and what of it is to be told now, whether or not there was an event.
    fn account_rules(&mut self) {
        let DetectorCounters { folded, limited, forgotten } = self.detector.counters();
        self.metrics.findings_folded(folded);
        self.metrics.findings_limited(limited);
        self.metrics.correlations_forgotten("group", forgotten.groups);
        self.metrics.correlations_forgotten("match", forgotten.matches);
        for (exception, used) in self.detector.engine().exceptions() {
            self.metrics.exception(&exception.id, used);
        }
        for finding in self.detector.tick(Timestamp::from_nanos(wall_nanos())) {
            self.publish(finding);
        }
    }

    fn report(&mut self, health: Health, time: Timestamp) {
        let finding = Finding {
            id: FindingId::random(),
            time,
            node: Arc::clone(&self.node),
            subject: Subject::Health(health),
        };
        self.publish(finding);
    }

    fn publish(&mut self, finding: Finding) {
        self.metrics.finding(&finding, Timestamp::from_nanos(wall_nanos()));
        // A sink may hold us up for as long as it likes: that is no reason to be started again.
        self.heartbeat.rest();
        if self.findings.publish_blocking(finding).is_err() {
            tracing::debug!("a finding has no sink left to go to");
        }
        self.heartbeat.beat();
    }
}

fn count(counts: &mut [u64; EventKind::ALL.len()], kind: EventKind) {
    if let Some(count) = counts.get_mut(kind.index()) {
        *count += 1;
    }
}
