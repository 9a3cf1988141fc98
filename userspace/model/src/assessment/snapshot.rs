use std::sync::Arc;

use super::{CheckChange, CheckDetail, CheckResult, PolicyScan};

/// A check as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckState {
    /// The check's number.
    pub check: u32,
    /// What it is about.
    pub title: Arc<str>,
    /// How it came out.
    pub result: CheckResult,
    /// Why: what was expected and what was there.
    pub because: Arc<str>,
    /// What to do about it.
    pub remediation: Option<Arc<str>>,
    /// What it asks, and what it has looked at.
    pub detail: Arc<CheckDetail>,
}

/// All that the last scan says of a policy, for who asks for the whole and not for changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySnapshot {
    /// The policy and its numbers.
    pub scan: PolicyScan,
    /// Its checks, in its order.
    pub checks: Vec<CheckState>,
}

impl CheckChange {
    /// How the check stands after the change.
    #[must_use]
    pub fn state(&self) -> CheckState {
        CheckState {
            check: self.check,
            title: Arc::clone(&self.title),
            result: self.result,
            because: Arc::clone(&self.because),
            remediation: self.remediation.clone(),
            detail: Arc::clone(&self.detail),
        }
    }
}
