use serde_json::{Map, Value as Json, json};

use super::{controls, put, severity, threat};
use crate::{Assessment, CheckChange, CheckResult, PolicyScan};

/// What a scan of the host's configuration tells.
pub(super) fn assessment(assessment: &Assessment) -> Map<String, Json> {
    let mut out = Map::new();
    put(&mut out, "message", json!(assessment.message()));
    put(&mut out, "event.kind", json!("state"));
    put(&mut out, "event.category", json!(["configuration"]));
    put(&mut out, "event.action", json!(action(assessment)));
    severity(&mut out, assessment.severity());
    put(&mut out, "rule.ruleset", json!(assessment.policy().id));
    put(&mut out, "rampart.sca.policy.id", json!(assessment.policy().id));
    put(&mut out, "rampart.sca.policy.name", json!(assessment.policy().name));
    match assessment {
        Assessment::Changed(change) => changed(&mut out, change),
        Assessment::Scanned(scan) => scanned(&mut out, scan),
        Assessment::Skipped { reason, .. } => {
            put(&mut out, "event.type", json!(["info"]));
            put(&mut out, "rampart.sca.reason", json!(reason));
        }
    }
    out
}

fn changed(out: &mut Map<String, Json>, change: &CheckChange) {
    put(out, "event.type", json!(["change"]));
    let outcome = match change.result {
        CheckResult::Passed => "success",
        CheckResult::Failed => "failure",
        CheckResult::NotApplicable => "unknown",
    };
    put(out, "event.outcome", json!(outcome));
    put(out, "rule.id", json!(change.check.to_string()));
    put(out, "rule.name", json!(change.title));
    put(out, "rampart.sca.result", json!(change.result));
    put(out, "rampart.sca.because", json!(change.because));
    if let Some(previous) = change.previous {
        put(out, "rampart.sca.previous", json!(previous));
    }
    if let Some(remediation) = &change.remediation {
        put(out, "rampart.sca.remediation", json!(remediation));
    }
    if let Some(description) = &change.detail.description {
        put(out, "rule.description", json!(description));
    }
    if let Some(link) = change.detail.references.first() {
        put(out, "rule.reference", json!(link));
    }
    threat(out, &change.techniques);
    controls(out, &change.controls);
}

fn scanned(out: &mut Map<String, Json>, scan: &PolicyScan) {
    put(out, "event.type", json!(["info"]));
    put(out, "rampart.sca.passed", json!(scan.passed));
    put(out, "rampart.sca.failed", json!(scan.failed));
    put(out, "rampart.sca.not_applicable", json!(scan.not_applicable));
    put(out, "rampart.sca.score", json!(scan.score()));
    put(out, "event.start", json!(scan.started));
    put(out, "event.end", json!(scan.ended));
}

const fn action(assessment: &Assessment) -> &'static str {
    match assessment {
        Assessment::Changed(change) => match change.result {
            CheckResult::Passed => "check_passed",
            CheckResult::Failed => "check_failed",
            CheckResult::NotApplicable => "check_not_applicable",
        },
        Assessment::Scanned(_) => "policy_scanned",
        Assessment::Skipped { .. } => "policy_skipped",
    }
}
