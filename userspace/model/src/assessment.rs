mod detail;
mod snapshot;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

pub use self::{
    detail::{CheckDetail, Compliance, LookedAt},
    snapshot::{CheckState, PolicySnapshot},
};
use crate::{ControlRef, Severity, Technique, Timestamp};

/// How a check of a policy came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CheckResult {
    /// The host is as it should be.
    #[serde(rename = "passed")]
    Passed,
    /// It is not.
    #[serde(rename = "failed")]
    Failed,
    /// It cannot be told, or has no meaning on this host.
    #[serde(rename = "not applicable")]
    NotApplicable,
}

impl CheckResult {
    /// As it stands in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl fmt::Display for CheckResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a scan of the host's configuration tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessment {
    /// A check came out otherwise than before.
    Changed(CheckChange),
    /// A policy has been scanned.
    Scanned(PolicyScan),
    /// A policy does not apply any more, or for the first time that it was tried.
    Skipped {
        /// The policy.
        policy: PolicyRef,
        /// What it requires, and why that is not so.
        reason: Arc<str>,
    },
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PolicyRef {
    /// Its id.
    pub id: Arc<str>,
    /// Its name, for people.
    pub name: Arc<str>,
}

/// A check that came out otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckChange {
    /// Whose check.
    pub policy: PolicyRef,
    /// The [`PolicyScan::scan`] in which it did.
    pub scan: u32,
    /// The check's number.
    pub check: u32,
    /// What it is about.
    pub title: Arc<str>,
    /// How it came out.
    pub result: CheckResult,
    /// How it came out before; none where it had no result yet.
    pub previous: Option<CheckResult>,
    /// Why: what was expected and what was there.
    pub because: Arc<str>,
    /// What to do about it.
    pub remediation: Option<Arc<str>>,
    /// ATT&CK techniques that it looks for.
    pub techniques: Arc<[Technique]>,
    /// Controls of all frameworks that it answers.
    pub controls: Arc<[ControlRef]>,
    /// What it asks, and what it has looked at.
    pub detail: Arc<CheckDetail>,
}

/// How a policy came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyScan {
    /// The policy.
    pub policy: PolicyRef,
    /// A number for this policy in this scan, from 0 to 2^31 - 1: Wazuh's manager keeps one result for each.
    pub scan: u32,
    /// Whether it had no results before.
    pub first: bool,
    /// What the policy calls its own file.
    pub file: Arc<str>,
    /// What it is about.
    pub description: Arc<str>,
    /// Where to read more.
    pub references: Arc<[Arc<str>]>,
    /// Checks that passed.
    pub passed: u64,
    /// Checks that failed.
    pub failed: u64,
    /// Checks that do not apply.
    pub not_applicable: u64,
    /// When the scan began.
    pub started: Timestamp,
    /// When it had ended.
    pub ended: Timestamp,
    /// SHA-256 over the results, in hexadecimal digits: Wazuh's manager compares it with what it has.
    pub hash: Arc<str>,
    /// SHA-256 of the policy's file, in hexadecimal digits.
    pub file_hash: Arc<str>,
}

impl PolicyScan {
    /// Of those checks that passed or failed, how many passed, in per cent; 0 if there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 checks")]
    pub fn score(&self) -> f64 {
        let decided = self.passed + self.failed;
        if decided == 0 { 0.0 } else { self.passed as f64 * 100.0 / decided as f64 }
    }
}

impl Assessment {
    /// A trace of an attacker is worse than a setting.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Changed(CheckChange { result: CheckResult::Failed, techniques, .. }) => {
                if techniques.is_empty() { Severity::Medium } else { Severity::High }
            }
            Self::Changed(CheckChange { result: CheckResult::NotApplicable, .. }) => Severity::Low,
            Self::Changed(_) | Self::Scanned(_) | Self::Skipped { .. } => Severity::Informational,
        }
    }

    /// The policy that it is about.
    #[must_use]
    pub const fn policy(&self) -> &PolicyRef {
        match self {
            Self::Changed(change) => &change.policy,
            Self::Scanned(scan) => &scan.policy,
            Self::Skipped { policy, .. } => policy,
        }
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Changed(change) => {
                let CheckChange { check, title, result, because, .. } = change;
                let before = change.previous.map(|before| format!(", was {before}")).unwrap_or_default();
                format!("check {check} {result}{before}: {title}: {because}")
            }
            Self::Scanned(PolicyScan { policy, passed, failed, not_applicable, .. }) => {
                format!("{}: {passed} passed, {failed} failed, {not_applicable} not applicable", policy.name)
            }
            Self::Skipped { policy, reason } => format!("{} does not apply: {reason}", policy.name),
        }
    }
}
