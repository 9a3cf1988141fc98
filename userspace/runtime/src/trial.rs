use std::{fmt, sync::Arc};

use rampart_model::RuleRef;
use rampart_policy::{Expectation, Origin, Rule, RuleSet};

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

/// Tries every rule, by itself, on its own test events.
#[must_use]
pub fn try_rules(rules: &RuleSet) -> Trial {
    let mut trial = Trial::default();
    for rule in rules.rules() {
        let alone = Rule { silent: false, ..Rule::clone(rule) };
        let mut engine = Engine::compile(&std::iter::once(alone).collect());
        for test in &rule.tests {
            let matched = !engine.evaluate(&test.event).is_empty();
            if matched == (test.expectation == Expectation::Match) {
                trial.passed += 1;
                continue;
            }
            let origin = Origin { file: Arc::clone(&rule.origin.file), place: test.place };
            let rule = Arc::clone(&rule.reference);
            trial.failures.push(TrialFailure { rule, origin, expectation: test.expectation });
        }
    }
    trial
}
