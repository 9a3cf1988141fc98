use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
};

use rampart_model::{
    Assessment, CheckChange, CheckResult, CheckState, PolicyRef, PolicyScan, PolicySnapshot, Technique,
    Timestamp,
};
use rampart_policy::Catalogue;
use rampart_sca::{CheckReport, PolicyReport, ScanReport, Skipped};
use rampart_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

/// The table of the store.
const TABLE: &str = "sca";

/// What a policy last came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Last {
    results: BTreeMap<u32, CheckResult>,
    skipped: bool,
    ended: Option<Timestamp>,
}

/// The last results, over restarts of the agent.
pub(crate) struct Memory {
    store: Arc<Store>,
    policies: HashMap<String, Last>,
    catalogue: &'static Catalogue,
    /// What the numbers of the next scan's policies come from.
    numbers: RandomState,
}

/// What a whole scan says.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// What is to be told.
    pub(super) told: Vec<Assessment>,
    /// Policies that apply, as they stand.
    pub(super) snapshots: Vec<Arc<PolicySnapshot>>,
}

impl Memory {
    /// Of nothing yet.
    pub(crate) fn new(store: Arc<Store>, catalogue: &'static Catalogue) -> Self {
        Self { store, policies: HashMap::new(), catalogue, numbers: RandomState::new() }
    }

    /// Reads what the store keeps. Where that cannot be had, only this run is remembered until it can.
    pub(super) fn recall(&mut self) {
        match self.store.table::<Last>(TABLE).all() {
            Ok(policies) => self.policies = policies.into_iter().collect(),
            Err(error) => tracing::error!(%error, "the last results of the scans are not known"),
        }
    }

    /// How a check's result differs from its last one.
    ///
    /// A first result is none, unless it is a failed one of a check that looks for traces of an attacker.
    pub(super) fn change(
        &self,
        policy: &Arc<str>,
        name: &Arc<str>,
        check: &CheckReport,
    ) -> Option<CheckChange> {
        let previous = self.policies.get(&**policy).and_then(|last| last.results.get(&check.id)).copied();
        let techniques = self.techniques(check);
        let is_news = match previous {
            Some(previous) => previous != check.result,
            None => check.result == CheckResult::Failed && !techniques.is_empty(),
        };
        is_news.then(|| CheckChange {
            policy: PolicyRef { id: Arc::clone(policy), name: Arc::clone(name) },
            scan: self.number(policy),
            check: check.id,
            title: Arc::clone(&check.title),
            result: check.result,
            previous,
            because: check.because().into(),
            remediation: check.remediation.clone(),
            techniques,
            controls: check.controls(self.catalogue).into(),
            detail: check.detail.clone().unwrap_or_default(),
        })
    }

    /// The number of a policy in the scan that is under way: any that another has hardly ever. Wazuh's manager keeps it as an
    /// `int`.
    fn number(&self, policy: &str) -> u32 {
        u32::try_from(self.numbers.hash_one(policy) >> 33).unwrap_or_default()
    }

    fn techniques(&self, check: &CheckReport) -> Arc<[Technique]> {
        check.techniques(self.catalogue).into_iter().map(|entry| entry.technique.clone()).collect()
    }

    /// Remembers a whole scan, and tells how the policies came out. Policies that were not scanned are forgotten.
    pub(super) fn take(&mut self, report: &ScanReport) -> Taken {
        let mut taken = Taken::default();
        for policy in &report.policies {
            if let Some(skipped) = &policy.skipped {
                taken.told.extend(self.skipped(policy, skipped));
                continue;
            }
            let scan = self.scanned(report, policy);
            taken.told.push(Assessment::Scanned(scan.clone()));
            let checks = policy.checks.iter().map(state).collect();
            taken.snapshots.push(Arc::new(PolicySnapshot { scan, checks }));
        }
        self.policies = report
            .policies
            .iter()
            .map(|policy| {
                let skipped = policy.skipped.is_some();
                // Of a policy that was skipped they say nothing of the host.
                let checks = policy.checks.iter().filter(|_| !skipped);
                let results = checks.map(|check| (check.id, check.result)).collect();
                let last = Last { results, skipped, ended: Some(report.ended) };
                (policy.id.to_string(), last)
            })
            .collect();
        self.numbers = RandomState::new();
        self.keep();
        taken
    }

    fn scanned(&self, report: &ScanReport, policy: &PolicyReport) -> PolicyScan {
        let last = self.policies.get(&*policy.id);
        PolicyScan {
            policy: reference(policy),
            scan: self.number(&policy.id),
            first: last.is_none_or(|last| last.results.is_empty()),
            file: Arc::clone(&policy.file),
            description: Arc::clone(&policy.description),
            references: policy.references.as_slice().into(),
            passed: policy.passed as u64,
            failed: policy.failed as u64,
            not_applicable: policy.invalid as u64,
            started: report.started,
            ended: report.ended,
            hash: policy.hash.as_str().into(),
            file_hash: policy.file_hash.as_str().into(),
        }
    }

    fn skipped(&self, policy: &PolicyReport, skipped: &Skipped) -> Option<Assessment> {
        let known = self.policies.get(&*policy.id).is_some_and(|last| last.skipped);
        let reason = format!("{}: {}", skipped.title, skipped.reason).into();
        (!known).then(|| Assessment::Skipped { policy: reference(policy), reason })
    }

    fn keep(&self) {
        let documents = self.policies.iter().map(|(id, last)| (id.as_str(), last.clone()));
        if let Err(error) = self.store.table(TABLE).replace(documents) {
            log_unkept(&error);
        }
    }
}

fn reference(policy: &PolicyReport) -> PolicyRef {
    PolicyRef { id: Arc::clone(&policy.id), name: Arc::clone(&policy.name) }
}

fn state(check: &CheckReport) -> CheckState {
    CheckState {
        check: check.id,
        title: Arc::clone(&check.title),
        result: check.result,
        because: check.because().into(),
        remediation: check.remediation.clone(),
        detail: check.detail.clone().unwrap_or_default(),
    }
}

fn log_unkept(error: &StoreError) {
    tracing::error!(%error, "results are not kept; after a restart changes since the last that were are told again");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn report(results: &[(u32, CheckResult)]) -> ScanReport {
        let checks: Vec<_> = results
            .iter()
            .map(|(id, result)| {
                let technique = if *id >= 90_000 { "T1496" } else { "none" };
                let json = serde_json::json!({
                    "id": id, "title": "t", "result": result, "evidence": { "rules": [] },
                    "compliance": { "mitre_techniques": [technique], "hipaa": ["164.312(b)"] },
                });
                serde_json::from_value::<CheckReport>(json).unwrap()
            })
            .collect();
        let policy = serde_json::json!({
            "id": "p", "name": "P", "checks": checks, "passed": 0, "failed": 0, "invalid": 0, "score": 0.0,
            "hash": "ab", "file_hash": "cd", "file": "p.yml", "references": ["https://example.com"],
        });
        let at = Timestamp::EPOCH;
        let policies = vec![serde_json::from_value(policy).unwrap()];
        ScanReport { started: at, ended: at, longest_command: None, policies }
    }

    /// What a scan tells of its checks.
    fn told(memory: &mut Memory, results: &[(u32, CheckResult)]) -> Vec<(u32, Option<CheckResult>)> {
        let report = report(results);
        let checks = &report.policies[0].checks;
        let changes = checks.iter().filter_map(|check| memory.change(&"p".into(), &"P".into(), check));
        let changes = changes.map(|change| (change.check, change.previous)).collect();
        memory.take(&report);
        changes
    }

    fn recalled(folder: &Path) -> Memory {
        let store = Arc::new(Store::new(folder));
        let mut memory = Memory::new(store, rampart_policy::embedded_catalogue());
        memory.recall();
        memory
    }

    #[test]
    fn only_changes_are_told_also_after_a_restart() {
        use CheckResult::{Failed, NotApplicable, Passed};
        let folder = tempfile::tempdir().unwrap();
        for (results, expected) in [
            // Nobody is told of what has always been so, but of traces of an attacker.
            (vec![(1, Failed), (2, Passed), (90_100, Failed)], vec![(90_100, None)]),
            (vec![(1, Failed), (2, Passed), (90_100, Failed)], vec![]),
            (vec![(1, Passed), (2, Failed), (90_100, Failed)], vec![(1, Some(Failed)), (2, Some(Passed))]),
            (vec![(1, NotApplicable), (2, Failed), (3, Failed)], vec![(1, Some(Passed))]),
        ] {
            let mut memory = recalled(folder.path());
            assert_eq!(told(&mut memory, &results), expected, "{results:?}");
        }
    }

    fn scanned(taken: &Taken) -> &PolicyScan {
        match taken.told.as_slice() {
            [Assessment::Scanned(scan)] => scan,
            told => panic!("{told:?}"),
        }
    }

    #[test]
    fn a_scan_tells_how_policies_stand() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = recalled(folder.path());
        let report = report(&[(1, CheckResult::Passed), (90_100, CheckResult::Failed)]);
        let change = memory.change(&"p".into(), &"P".into(), &report.policies[0].checks[1]).unwrap();
        let first = memory.take(&report);
        let scan = scanned(&first);
        assert!(scan.first);
        assert_eq!((&*scan.hash, &*scan.file_hash, &*scan.file), ("ab", "cd", "p.yml"));
        assert_eq!(&*scan.references[0], "https://example.com");
        assert_eq!(change.scan, scan.scan, "a change belongs to its scan");
        let snapshot = &first.snapshots[0];
        assert_eq!(&snapshot.scan, scan);
        assert_eq!(snapshot.checks[1], change.state());

        let again = memory.take(&report);
        assert!(!scanned(&again).first);
        assert_ne!(scanned(&again).scan, scan.scan);
        drop(memory);
        let mut memory = recalled(folder.path());
        assert!(!scanned(&memory.take(&report)).first, "it was before the restart");
    }

    #[test]
    fn a_policy_that_does_not_apply_has_no_results() {
        let mut memory = recalled(tempfile::tempdir().unwrap().path());
        let mut skipped = report(&[(1, CheckResult::NotApplicable)]);
        let why = serde_json::json!({ "title": "Kubelet", "reason": "none", "evidence": { "rules": [] } });
        skipped.policies[0].skipped = Some(serde_json::from_value(why).unwrap());
        let taken = memory.take(&skipped);
        assert!(matches!(taken.told.as_slice(), [Assessment::Skipped { .. }]), "{:?}", taken.told);
        assert!(taken.snapshots.is_empty());
        let taken = memory.take(&report(&[(1, CheckResult::Passed)]));
        assert!(scanned(&taken).first, "now it has some");
    }

    #[test]
    fn controls_are_those_of_the_catalogues() {
        let memory = recalled(tempfile::tempdir().unwrap().path());
        let report = report(&[(90_100, CheckResult::Failed)]);
        let change = memory.change(&"p".into(), &"P".into(), &report.policies[0].checks[0]).unwrap();
        assert_eq!(change.techniques[0].id.as_ref(), "T1496");
        assert_eq!(change.controls[0].id.as_ref(), "164.312.b");
    }
}
