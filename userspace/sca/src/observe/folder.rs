use std::{ops::ControlFlow, path::Path, sync::Arc};

use rampart_model::Timestamp;

use crate::{
    RuleOutcome,
    host::{FolderExistence, Host},
    observation::FolderSeen,
    plan::Entries,
};

/// Entries of one folder whose names match, in all. A rule that asks for more is not answered.
pub(crate) const MATCHING_ENTRIES: usize = 20_000;

pub(super) fn observe(
    host: &Host,
    path: &str,
    existence: bool,
    asked: &[Entries],
    at: Timestamp,
) -> FolderSeen {
    let existence = if existence { exists(host, path) } else { RuleOutcome::NotFound };
    let mut entries: Vec<_> = asked.iter().map(|asked| (asked.names.text(), asked.content, Vec::new())).collect();
    let mut fault = None;
    if !asked.is_empty() {
        let (mut matching, mut too_many) = (0, false);
        let walked = host.walk(Path::new(path), &mut |entry: &Path, name: &[u8]| {
            let mut shared: Option<Arc<Path>> = None;
            for (asked, (_, _, found)) in asked.iter().zip(&mut entries) {
                if !asked.names.is_match(name) {
                    continue;
                }
                matching += 1;
                found.push(Arc::clone(shared.get_or_insert_with(|| entry.into())));
            }
            too_many = matching > MATCHING_ENTRIES;
            if too_many { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        fault = walked.err().map(|fault| fault.reason(path));
        if too_many {
            let reason = format!("More than {MATCHING_ENTRIES} entries of '{path}' have such names");
            fault = fault.or_else(|| Some(reason.into()));
        }
    }
    let entries = entries.into_iter().map(|(names, content, found)| (names.into(), content, found)).collect();
    FolderSeen { existence, entries, fault, at }
}

fn exists(host: &Host, path: &str) -> RuleOutcome {
    match host.folder(Path::new(path)) {
        FolderExistence::Folder => RuleOutcome::Found,
        FolderExistence::Missing => RuleOutcome::NotFound,
        FolderExistence::Invalid(reason) => RuleOutcome::Invalid(reason),
    }
}
