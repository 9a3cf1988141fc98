use std::{fmt, sync::Arc};

use rampart_model::RuleRef;
use rampart_policy::{Expectation, Origin, Place, Rule, RuleSet};

use crate::Engine;

/// How rules did on their own test events.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// How many events were judged as expected.
    pub passed: usize,
    /// The others.
    pub failures: Vec<TrialFailure>,
}

/// A test event that its rule judged otherwise than expected.
#[derive(Debug, Clone)]
pub struct TrialFailure {
    /// The rule.
    pub rule: Arc<RuleRef>,
    /// Where the event stands.
    pub origin: Origin,
    /// What was expected.
    pub expectation: Expectation,
}

impl fmt::Display for TrialFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.expectation {
            Expectation::Match => "does not match an event that it must",
            Expectation::NoMatch => "matches an event that it must not",
        };
        write!(f, "{}: `{}` {what}", self.origin, self.rule.title)
    }
}

/// Tries every rule, and every correlation with what it looks at, on its own test events; without exceptions, and without
/// the others.
#[must_use]
pub fn try_rules(rules: &RuleSet) -> Trial {
    let mut trial = Trial::default();
    for rule in rules.rules() {
        let alone = Rule { silent: false, ..Rule::clone(rule) };
        let mut engine = Engine::compile(&std::iter::once(alone).collect());
        for test in &rule.tests {
            let matched = !engine.evaluate(&test.event).is_empty();
            trial.note(&rule.reference, &rule.origin, test.place, test.expectation, matched);
        }
    }
    for correlation in rules.correlations() {
        let alone = rules.only(correlation);
        for test in &correlation.tests {
            // What one sequence has left behind must not help another.
            let mut engine = Engine::compile(&alone);
            let fired = test.events.iter().filter(|event| !engine.evaluate(*event).is_empty()).count();
            trial.note(&correlation.reference, &correlation.origin, test.place, test.expectation, fired > 0);
        }
    }
    trial
}

impl Trial {
    fn note(
        &mut self,
        rule: &Arc<RuleRef>,
        origin: &Origin,
        place: Place,
        expectation: Expectation,
        matched: bool,
    ) {
        if matched == (expectation == Expectation::Match) {
            self.passed += 1;
            return;
        }
        let origin = Origin { file: Arc::clone(&origin.file), place };
        self.failures.push(TrialFailure { rule: Arc::clone(rule), origin, expectation });
    }
}
