//! The form of the results, a part of what `rampart sca scan --format json` prints.

use std::sync::Arc;

use rampart_model::{CheckResult, CheckState, Compliance, PolicySnapshot, Timestamp};
use serde::Serialize;

/// Fields are added without another number; what changes its meaning or goes has another one.
const SCHEMA: &str = "1.0";

/// How a node's policies stand.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'s> {
    schema: &'static str,
    node: &'s str,
    generated: Timestamp,
    policies: Vec<Policy<'s>>,
}

#[derive(Debug, Serialize)]
struct Policy<'s> {
    id: &'s str,
    name: &'s str,
    file: &'s str,
    file_hash: &'s str,
    hash: &'s str,
    scanned: Timestamp,
    passed: u64,
    failed: u64,
    invalid: u64,
    score: f64,
    checks: Vec<Check<'s>>,
}

#[derive(Debug, Serialize)]
struct Check<'s> {
    id: u32,
    title: &'s str,
    result: CheckResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<&'s str>,
    compliance: &'s Compliance,
}

impl<'s> Document<'s> {
    pub(crate) fn new(node: &'s str, generated: Timestamp, policies: &'s [Arc<PolicySnapshot>]) -> Self {
        let policies = policies.iter().map(|snapshot| Policy::new(snapshot)).collect();
        Self { schema: SCHEMA, node, generated, policies }
    }
}

impl<'s> Policy<'s> {
    fn new(snapshot: &'s PolicySnapshot) -> Self {
        let scan = &snapshot.scan;
        Self {
            id: &scan.policy.id,
            name: &scan.policy.name,
            file: &scan.file,
            file_hash: &scan.file_hash,
            hash: &scan.hash,
            scanned: scan.ended,
            passed: scan.passed,
            failed: scan.failed,
            invalid: scan.not_applicable,
            score: scan.score(),
            checks: snapshot.checks.iter().map(Check::new).collect(),
        }
    }
}

impl<'s> Check<'s> {
    fn new(state: &'s CheckState) -> Self {
        Self {
            id: state.check,
            title: &state.title,
            result: state.result,
            reason: (state.result != CheckResult::Passed).then_some(&*state.because),
            remediation: state.remediation.as_deref(),
            compliance: &state.detail.compliance,
        }
    }
}
