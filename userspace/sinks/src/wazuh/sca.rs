//! Results of policies in the manager's own form.

use rampart_model::{Assessment, CheckResult, CheckState, PolicyRef, PolicyScan};
use rampart_wazuh::sca::{Check, CheckEvent, Occasion, Outcome, PREFIX, Summary};
use serde_json::Value as Json;

use super::encode::fitted;

/// What a manager can do without of a check.
const SPARE: [&str; 9] = [
    "description",
    "rationale",
    "remediation",
    "references",
    "compliance",
    "file",
    "directory",
    "process",
    "command",
];

pub(super) fn message(assessment: &Assessment) -> Option<Vec<u8>> {
    match assessment {
        Assessment::Changed(change) => check(&change.policy, change.scan, &change.state()),
        Assessment::Scanned(scan) => {
            summary(scan, if scan.first { Occasion::First } else { Occasion::Again })
        }
        Assessment::Skipped { .. } => None,
    }
}

/// The result of a check in a scan.
pub(super) fn check(policy: &PolicyRef, scan: u32, state: &CheckState) -> Option<Vec<u8>> {
    let CheckState { check: id, title, result, because, remediation, detail } = state;
    let event = CheckEvent {
        id: scan,
        policy: &policy.name,
        policy_id: &policy.id,
        check: Check {
            id: *id,
            title,
            description: detail.description.as_deref(),
            rationale: detail.rationale.as_deref(),
            remediation: remediation.as_deref(),
            compliance: &detail.compliance,
            rules: &detail.rules,
            condition: &detail.condition,
            references: &detail.references,
            files: &detail.looked_at.files,
            directories: &detail.looked_at.folders,
            processes: &detail.looked_at.processes,
            commands: &detail.looked_at.commands,
            outcome: match result {
                CheckResult::Passed => Outcome::Passed,
                CheckResult::Failed => Outcome::Failed,
                CheckResult::NotApplicable => Outcome::NotApplicable(because),
            },
        },
    };
    fitted(PREFIX, &event, |json| {
        if let Some(check) = json.get_mut("check").and_then(Json::as_object_mut) {
            check.retain(|name, _| !SPARE.contains(&name.as_str()));
        }
    })
}

/// How a policy came out.
pub(super) fn summary(scan: &PolicyScan, occasion: Occasion) -> Option<Vec<u8>> {
    let summary = Summary {
        scan_id: scan.scan,
        name: &scan.policy.name,
        policy_id: &scan.policy.id,
        file: &scan.file,
        description: &scan.description,
        references: &scan.references,
        passed: scan.passed,
        failed: scan.failed,
        invalid: scan.not_applicable,
        total_checks: scan.passed + scan.failed + scan.not_applicable,
        score: scan.score(),
        start_time: scan.started.as_seconds(),
        end_time: scan.ended.as_seconds(),
        hash: &scan.hash,
        hash_file: &scan.file_hash,
        occasion,
    };
    // It has a few strings and numbers: that they are cut is enough.
    fitted(PREFIX, &summary, |_| {})
}
