//! A scan: everything that the checks of all policies need to see is looked at once, side by side, and each result is told
//! as soon as it stands.

mod jobs;
mod pool;
mod survey;
mod waiting;

use rampart_model::Timestamp;

use self::survey::Survey;
use crate::{
    Check, CheckOutcome, CheckReport, Policy, PolicyReport, Requirements, Rule, ScanReport, Skipped,
    host::Host,
    judge::{Judgement, Sight, judge},
    plan::Plan,
};

/// What a scan tells while it runs.
#[derive(Debug)]
pub enum ScanEvent<'a> {
    /// A policy does not apply.
    Skipped(&'a Policy, &'a Skipped),
    /// A check's result stands.
    Check(&'a Policy, &'a CheckReport),
}

/// Scans a host. Results come to `tell` as they stand, and all together at the end.
///
/// Never fails: what cannot be looked at makes checks that do not apply, each with its reason.
pub fn scan(
    host: &Host,
    policies: &[Policy],
    clock: fn() -> Timestamp,
    tell: &mut dyn FnMut(ScanEvent<'_>),
) -> ScanReport {
    let started = clock();
    let mut survey = Survey::new(host, Plan::of(policies), clock);
    let skipped = requirements(&mut survey, policies);
    for (policy, skipped) in policies.iter().zip(&skipped) {
        if let Some(skipped) = skipped {
            tell(ScanEvent::Skipped(policy, skipped));
        }
    }
    let applying: Vec<(usize, &Policy, &Check)> = policies
        .iter()
        .zip(&skipped)
        .enumerate()
        .filter(|(_, (_, skipped))| skipped.is_none())
        .flat_map(|(index, (policy, _))| policy.checks.iter().map(move |check| (index, policy, check)))
        .collect();
    let rules: Vec<&[Rule]> = applying.iter().map(|(_, _, check)| &*check.rules).collect();
    let mut reports: Vec<Option<CheckReport>> = vec![None; applying.len()];
    survey.look(&rules, &mut |index, sight| {
        let Some(((_, policy, check), place)) = applying.get(index).zip(reports.get_mut(index)) else {
            return;
        };
        let judgement = judge(check.condition, &check.rules, sight);
        let report = place.insert(CheckReport::new(check, judgement));
        tell(ScanEvent::Check(policy, report));
    });
    let mut by_policy: Vec<Vec<CheckReport>> = policies.iter().map(|_| Vec::new()).collect();
    for ((index, ..), report) in applying.iter().zip(reports) {
        if let Some(checks) = by_policy.get_mut(*index) {
            checks.extend(report);
        }
    }
    let reports = policies.iter().zip(by_policy).zip(skipped);
    let policies = reports.map(|((policy, checks), skipped)| PolicyReport::new(policy, checks, skipped));
    let longest_command = survey.longest_command();
    ScanReport { started, ended: clock(), longest_command, policies: policies.collect() }
}

/// Which policies do not apply, and why.
fn requirements(survey: &mut Survey<'_>, policies: &[Policy]) -> Vec<Option<Skipped>> {
    let required: Vec<(usize, &Requirements)> = policies
        .iter()
        .enumerate()
        .filter_map(|(index, policy)| Some((index, policy.requirements.as_ref()?)))
        .collect();
    let rules: Vec<&[Rule]> = required.iter().map(|(_, requirements)| &*requirements.rules).collect();
    let mut skipped: Vec<Option<Skipped>> = vec![None; policies.len()];
    survey.look(&rules, &mut |index, sight| {
        let Some((policy, requirements)) = required.get(index) else { return };
        if let Some(place) = skipped.get_mut(*policy) {
            *place = skip(requirements, sight);
        }
    });
    skipped
}

fn skip(requirements: &Requirements, sight: &Sight<'_>) -> Option<Skipped> {
    let Judgement { outcome, evidence, .. } = judge(requirements.condition, &requirements.rules, sight);
    let reason = match outcome {
        CheckOutcome::Passed => return None,
        CheckOutcome::Failed => "what the policy requires is not so on this host".into(),
        CheckOutcome::NotApplicable(reason) => reason,
    };
    Some(Skipped { title: requirements.title.clone(), reason, evidence })
}
