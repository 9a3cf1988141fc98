//! What a scan has found: the JSON form is what `rampart sca scan --format json` prints.

use std::{fmt::Write as _, sync::Arc};

use rampart_model::{CheckDetail, CheckResult, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Check, CheckOutcome, Compliance, Evidence, Policy, detail::detail, judge::Judgement};

/// One check with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// The check's number.
    pub id: u32,
    /// What it is about.
    pub title: Arc<str>,
    /// How it is.
    pub result: CheckResult,
    /// Why it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Arc<str>>,
    /// The controls that it answers, by framework.
    pub compliance: rampart_model::Compliance,
    /// What the result rests on.
    pub evidence: Evidence,
    /// What the check asks, and what it has looked at; none after [`ScanReport::leave_out_details`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<CheckDetail>>,
}

impl CheckReport {
    pub(crate) fn new(check: &Check, judgement: Judgement) -> Self {
        let Judgement { outcome, evidence, evaluated } = judgement;
        let (result, reason) = match outcome {
            CheckOutcome::Passed => (CheckResult::Passed, None),
            CheckOutcome::Failed => (CheckResult::Failed, None),
            CheckOutcome::NotApplicable(reason) => (CheckResult::NotApplicable, Some(reason)),
        };
        let mut compliance = rampart_model::Compliance::new();
        for Compliance { key, ids } in &check.compliance {
            compliance.entry(Arc::clone(key)).or_default().extend(ids.iter().cloned());
        }
        Self {
            id: check.id,
            title: Arc::clone(&check.title),
            result,
            reason,
            remediation: check.remediation.clone(),
            detail: Some(Arc::new(detail(check, compliance.clone(), evaluated))),
            compliance,
            evidence,
        }
    }

    /// Why it came out so, in a sentence: of what did not pass, the first rule that decided.
    #[must_use]
    pub fn because(&self) -> String {
        match (&self.reason, self.evidence.rules.first()) {
            (Some(reason), _) => reason.to_string(),
            (None, Some(rule)) => rule.sentence(),
            (None, None) => "no rule was looked at".to_owned(),
        }
    }
}

/// Why a policy was not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// What it requires.
    pub title: Arc<str>,
    /// How that is: why it does not hold.
    pub reason: Arc<str>,
    /// What that rests on.
    pub evidence: Evidence,
}

impl Skipped {
    /// None of the policy's checks applies.
    fn apply(&self, check: &Check) -> CheckReport {
        let reason = format!("{}: {}", self.title, self.reason);
        let outcome = CheckOutcome::NotApplicable(reason.into());
        CheckReport::new(check, Judgement { outcome, evidence: self.evidence.clone(), evaluated: 0 })
    }
}

/// One policy with the results of its checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyReport {
    /// The policy's id.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What the policy calls its own file.
    #[serde(default)]
    pub file: Arc<str>,
    /// What it is about.
    #[serde(default)]
    pub description: Arc<str>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Arc<str>>,
    /// In the order of the policy.
    pub checks: Vec<CheckReport>,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that do not apply.
    pub invalid: usize,
    /// passed / (passed + failed) in per cent; 0 if both are 0.
    pub score: f64,
    /// SHA-256 over the results, as Wazuh's manager compares it.
    pub hash: String,
    /// SHA-256 of the policy file.
    pub file_hash: String,
    /// Why it was not run; then none of its checks applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
}

impl PolicyReport {
    pub(crate) fn new(policy: &Policy, checks: Vec<CheckReport>, skipped: Option<Skipped>) -> Self {
        let checks = match &skipped {
            Some(skipped) => policy.checks.iter().map(|check| skipped.apply(check)).collect(),
            None => checks,
        };
        let count = |result| checks.iter().filter(|check| check.result == result).count();
        let (passed, failed) = (count(CheckResult::Passed), count(CheckResult::Failed));
        Self {
            id: Arc::clone(&policy.id),
            name: Arc::clone(&policy.name),
            file: Arc::clone(&policy.file),
            description: Arc::clone(&policy.description),
            references: policy.references.clone(),
            passed,
            failed,
            invalid: count(CheckResult::NotApplicable),
            score: score(passed, failed),
            hash: hash(&checks),
            file_hash: hexadecimal(&policy.digest),
            checks,
            skipped,
        }
    }
}

/// A command that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandTime {
    /// As it was run.
    pub command: Arc<str>,
    /// How long it ran, in milliseconds, without the time in which it was stopped for the sake of the CPU share.
    pub took_ms: u64,
}

/// A whole scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanReport {
    /// When it began.
    pub started: Timestamp,
    /// When it had ended.
    pub ended: Timestamp,
    /// The command that took longest, which no scan can be quicker than; none where none was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_command: Option<CommandTime>,
    /// In the order in which they were loaded.
    pub policies: Vec<PolicyReport>,
}

impl ScanReport {
    /// Leaves out what only says again what the policies say: who reads a report has them.
    pub fn leave_out_details(&mut self) {
        for check in self.policies.iter_mut().flat_map(|policy| &mut policy.checks) {
            check.detail = None;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 checks")]
fn score(passed: usize, failed: usize) -> f64 {
    if passed + failed == 0 { 0.0 } else { passed as f64 * 100.0 / (passed + failed) as f64 }
}

/// By ascending id, "passed", "failed" or nothing, between colons (Wazuh 4).
fn hash(checks: &[CheckReport]) -> String {
    let mut sorted: Vec<_> = checks.iter().collect();
    sorted.sort_by_key(|check| check.id);
    let results = sorted.into_iter().map(|check| match check.result {
        CheckResult::NotApplicable => "",
        decided => decided.name(),
    });
    hexadecimal(&Sha256::digest(results.collect::<Vec<_>>().join(":")))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}
