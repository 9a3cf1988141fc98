//! How the results of a check's rules become the check's.

use std::{ops::ControlFlow, sync::Arc};

use crate::Condition;

/// What came of one rule, `not` included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleOutcome {
    /// What the rule describes is there.
    Found,
    /// It is not.
    NotFound,
    /// It cannot be known, for that reason.
    Invalid(Arc<str>),
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// The host is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// It cannot be known, or has no meaning on this host, for that reason.
    NotApplicable(Arc<str>),
}

/// Rules' results on their way to the check's, as Wazuh brings them together. Their order does not matter, but for the
/// reason, which is the first.
///
/// | rules contain | all | any | none |
/// |---|---|---|---|
/// | only found | passed | passed | failed |
/// | only not found | failed | failed | passed |
/// | found and not found | failed | passed | failed |
/// | found and invalid | not applicable | passed | failed |
/// | not found and invalid | failed | not applicable | not applicable |
/// | all three | failed | passed | failed |
/// | only invalid | not applicable | not applicable | not applicable |
#[derive(Debug, Clone)]
pub struct Aggregate {
    condition: Condition,
    // A result that no other can change any more.
    decided: bool,
    // The first reason, if a rule was invalid.
    invalid: Option<Arc<str>>,
}

impl Aggregate {
    /// Before the first rule.
    #[must_use]
    pub const fn new(condition: Condition) -> Self {
        Self { condition, decided: false, invalid: None }
    }

    /// Takes the next rule's result. After a break the rules that are left change nothing, and Wazuh does not look at
    /// them.
    pub fn push(&mut self, outcome: &RuleOutcome) -> ControlFlow<()> {
        match (outcome, self.condition) {
            (RuleOutcome::Invalid(reason), _) => {
                if self.invalid.as_ref().is_none_or(|first| first.is_empty()) {
                    self.invalid = Some(Arc::clone(reason));
                }
            }
            (RuleOutcome::NotFound, Condition::All)
            | (RuleOutcome::Found, Condition::Any | Condition::None) => self.decided = true,
            (RuleOutcome::Found, Condition::All)
            | (RuleOutcome::NotFound, Condition::Any | Condition::None) => {}
        }
        if self.decided { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The check's result.
    #[must_use]
    pub fn finish(self) -> CheckOutcome {
        match (self.decided, self.invalid, self.condition) {
            (true, _, Condition::Any) | (false, None, Condition::All | Condition::None) => {
                CheckOutcome::Passed
            }
            (true, _, Condition::All | Condition::None) | (false, None, Condition::Any) => {
                CheckOutcome::Failed
            }
            (false, Some(reason), _) if reason.is_empty() => {
                CheckOutcome::NotApplicable("Unknown reason".into())
            }
            (false, Some(reason), _) => CheckOutcome::NotApplicable(reason),
        }
    }
}
