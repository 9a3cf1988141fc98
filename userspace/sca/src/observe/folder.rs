use std::{ops::ControlFlow, path::Path, sync::Arc};

use rampart_model::Timestamp;

use crate::{
    RuleOutcome,
    host::{FolderExistence, Host, Walked},
    observation::{EntriesSeen, FolderSeen},
    plan::AskedEntries,
};

/// Entries of one folder whose names match, in all. A rule that asks for more is not answered.
pub(crate) const MATCHING_ENTRIES: usize = 20_000;

pub(super) fn observe(
    host: &Host,
    path: &str,
    existence: bool,
    asked: &[AskedEntries],
    at: Timestamp,
) -> FolderSeen {
    let existence = if existence { exists(host, path) } else { RuleOutcome::NotFound };
    let mut entries: Vec<_> = asked.iter().map(EntriesSeen::new).collect();
    let mut fault: Option<Arc<str>> = None;
    if !asked.is_empty() {
        let (mut matching, mut too_many) = (0, false);
        let walked = host.walk(path, &mut |walked| {
            let (entry, name) = match walked {
                Walked::Entry { path, name } => (path, name),
                Walked::Fault(below) => {
                    fault.get_or_insert_with(|| below.to_string().into());
                    return ControlFlow::Continue(());
                }
            };
            let mut shared: Option<Arc<Path>> = None;
            for (asked, seen) in asked.iter().zip(&mut entries) {
                if asked.names.is_match(name) {
                    matching += 1;
                    seen.paths.push(Arc::clone(shared.get_or_insert_with(|| entry.into())));
                }
            }
            too_many = matching > MATCHING_ENTRIES;
            if too_many { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Err(error) = walked {
            fault.get_or_insert_with(|| error.to_string().into());
        }
        if too_many {
            let reason = format!("More than {MATCHING_ENTRIES} entries of '{path}' have such names");
            fault.get_or_insert_with(|| reason.into());
        }
    }
    FolderSeen { existence, entries, fault, at }
}

impl EntriesSeen {
    fn new(asked: &AskedEntries) -> Self {
        Self { names: asked.names.text().into(), content: asked.content, paths: Vec::new() }
    }
}

fn exists(host: &Host, path: &str) -> RuleOutcome {
    match host.folder(path) {
        FolderExistence::Present(_) => RuleOutcome::Found,
        FolderExistence::Missing => RuleOutcome::NotFound,
        FolderExistence::Invalid(fault) => RuleOutcome::Invalid(fault.to_string().into()),
    }
}
