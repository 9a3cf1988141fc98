use std::sync::Arc;

use rampart_model::{Context, Event, Finding, FindingId, Health, RuleRef, Subject, Timestamp};

use crate::{
    AlertConfig, Engine, Forgotten, Match,
    alert::{Fold, Folded, Rates},
};

/// Turns events into findings.
#[derive(Debug)]
pub struct Detector {
    node: Arc<str>,
    engine: Engine,
    fold: Fold,
    rates: Rates,
}

/// What the detector has counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DetectorCounters {
    /// Matches that were the same as one told before, and went into its count.
    pub folded: u64,
    /// Findings that were left out because their rule had made too many.
    pub limited: u64,
    /// What correlations have forgotten for want of room.
    pub forgotten: Forgotten,
}

impl Detector {
    /// For the node of that name.
    #[must_use]
    pub fn new(node: Arc<str>, engine: Engine, config: AlertConfig) -> Self {
        Self { node, engine, fold: Fold::new(config.fold), rates: Rates::new(config.rate) }
    }

    /// One finding for every rule that the event matches and every correlation that fires by it, but for what was told
    /// before; and what is over by the event's time. Allocates nothing where there is none.
    pub fn detect(&mut self, event: &Arc<Event>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for found in self.engine.matches(event.as_ref()) {
            let mut over = Vec::new();
            let told = self.fold.take(found, event, &mut over);
            self.tell_folded(over, event.time, &mut findings);
            if let Some(Match { rule, correlation }) = told {
                let context = Context { correlation, ..Context::default() };
                self.tell(event, rule, context, event.time, &mut findings);
            }
        }
        findings
    }

    /// What is over by now: repetitions that were counted, rules that were limited, exceptions that have expired.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Finding> {
        let (mut findings, mut over, mut health) = (Vec::new(), Vec::new(), Vec::new());
        self.fold.expire(now, &mut over);
        self.tell_folded(over, now, &mut findings);
        self.rates.expire(now, &mut health);
        for exception in self.engine.expired(now) {
            let (title, owner) = (Arc::clone(&exception.title), exception.owner.clone());
            let expired = exception.expires.unwrap_or(now);
            health.push(Health::ExceptionExpired { title, owner, expired });
        }
        findings.extend(health.into_iter().map(|health| self.health(health, now)));
        findings
    }

    /// What is still to be told at the end.
    pub fn finish(&mut self, now: Timestamp) -> Vec<Finding> {
        let mut findings = Vec::new();
        let over = self.fold.finish();
        self.tell_folded(over, now, &mut findings);
        let limited = self.rates.finish();
        findings.extend(limited.into_iter().map(|health| self.health(health, now)));
        findings
    }

    /// Puts other rules in force. What was seen stays for those that are the same.
    pub fn replace(&mut self, engine: Engine) {
        let old = std::mem::replace(&mut self.engine, engine);
        self.engine.adopt(old);
    }

    /// The rules in force.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What was counted so far.
    #[must_use]
    pub fn counters(&self) -> DetectorCounters {
        DetectorCounters {
            folded: self.fold.folded(),
            limited: self.rates.limited(),
            forgotten: self.engine.forgotten(),
        }
    }

    fn tell_folded(&mut self, over: Vec<Folded>, now: Timestamp, findings: &mut Vec<Finding>) {
        for Folded { event, found, repeated } in over {
            let (correlation, repeated) = (found.correlation, Some(repeated));
            let context = Context { correlation, repeated, ..Context::default() };
            self.tell(&event, found.rule, context, now, findings);
        }
    }

    fn tell(
        &mut self,
        event: &Arc<Event>,
        rule: Arc<RuleRef>,
        context: Context,
        now: Timestamp,
        findings: &mut Vec<Finding>,
    ) {
        let mut health = Vec::new();
        let allowed = self.rates.allow(&rule, now, &mut health);
        findings.extend(health.into_iter().map(|health| self.health(health, now)));
        if allowed {
            let subject = Subject::Runtime { event: Arc::clone(event), rule, context };
            findings.push(self.finding(event.time, subject));
        }
    }

    fn health(&self, health: Health, now: Timestamp) -> Finding {
        self.finding(now, Subject::Health(health))
    }

    fn finding(&self, time: Timestamp, subject: Subject) -> Finding {
        Finding { id: FindingId::random(), time, node: Arc::clone(&self.node), subject }
    }
}
