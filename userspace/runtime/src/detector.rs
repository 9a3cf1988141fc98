use std::sync::Arc;

use rampart_model::{Event, Finding, FindingId, RuleRef, Subject};

use crate::Engine;

/// Turns events into findings.
#[derive(Debug)]
pub struct Detector {
    node: Arc<str>,
    engine: Engine,
}

impl Detector {
    /// For the node of that name.
    #[must_use]
    pub const fn new(node: Arc<str>, engine: Engine) -> Self {
        Self { node, engine }
    }

    /// One finding for every rule that the event matches.
    pub fn detect(&mut self, event: &Arc<Event>) -> Vec<Finding> {
        let rules = self.engine.evaluate(event.as_ref());
        rules.into_iter().map(|rule| self.finding(event, rule)).collect()
    }

    /// Puts other rules in force; gives back those that were.
    pub const fn replace(&mut self, engine: Engine) -> Engine {
        std::mem::replace(&mut self.engine, engine)
    }

    fn finding(&self, event: &Arc<Event>, rule: Arc<RuleRef>) -> Finding {
        let subject = Subject::Runtime { event: Arc::clone(event), rule };
        Finding { id: FindingId::random(), time: event.time, node: Arc::clone(&self.node), subject }
    }
}
