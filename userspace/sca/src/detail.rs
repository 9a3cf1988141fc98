//! What a check asks and what it has looked at, for Wazuh's manager, which keeps both with its result.

use std::sync::Arc;

use rampart_model::{CheckDetail, Compliance, LookedAt};

use crate::{Check, Rule, Target, limit};

/// Of a check of whose rules the first `evaluated` were needed for its result.
pub(crate) fn detail(check: &Check, compliance: Compliance, evaluated: usize) -> CheckDetail {
    let mut looked_at = LookedAt::default();
    for rule in check.rules.iter().take(evaluated) {
        note(&mut looked_at, rule);
    }
    CheckDetail {
        description: check.description.clone(),
        rationale: check.rationale.clone(),
        condition: check.condition.name().into(),
        rules: check.rules.iter().map(|rule| Arc::clone(&rule.text)).collect(),
        compliance,
        references: check.references.clone(),
        looked_at,
    }
}

fn note(looked_at: &mut LookedAt, rule: &Rule) {
    match &rule.target {
        Target::File { paths, .. } => add(&mut looked_at.files, paths),
        Target::Directory { folders, .. } => add(&mut looked_at.folders, folders),
        Target::Command { line, .. } => add(&mut looked_at.commands, std::slice::from_ref(line)),
        Target::Process { .. } => {
            let text = rule.text.split_once(':').map_or("", |(_, pattern)| pattern);
            add(&mut looked_at.processes, &[text.into()]);
        }
    }
}

fn add(to: &mut Vec<Arc<str>>, things: &[Arc<str>]) {
    for thing in things {
        if to.len() < limit::LOOKED_AT && !to.contains(thing) {
            to.push(Arc::clone(thing));
        }
    }
}
