//! What was seen of a host, before anybody judges it.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use rampart_model::Timestamp;

use crate::{RuleOutcome, host::FileFacts, plan::ContentId};

/// What was seen of one thing.
#[derive(Debug)]
pub(crate) enum Observation {
    File(FileSeen),
    Folder(FolderSeen),
    Command(CommandSeen),
    Processes(ProcessesSeen),
}

/// A line that decided, or came near to it: what it says is not yet fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) text: Vec<u8>,
}

/// What became of a pattern.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    pub(crate) outcome: RuleOutcome,
    pub(crate) line: Option<Excerpt>,
}

pub(crate) type Matches = BTreeMap<ContentId, Match>;

#[derive(Debug)]
pub(crate) struct FileSeen {
    /// What a rule without a pattern says of it.
    pub(crate) existence: RuleOutcome,
    pub(crate) facts: Option<FileFacts>,
    pub(crate) matches: Matches,
    pub(crate) at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct FolderSeen {
    /// What a rule without a pattern of names says of it.
    pub(crate) existence: RuleOutcome,
    pub(crate) entries: Vec<EntriesSeen>,
    /// Why not all of it could be looked at.
    pub(crate) fault: Option<Arc<str>>,
    pub(crate) at: Timestamp,
}

/// For a pattern of names that was asked for, the entries that have such a name.
#[derive(Debug)]
pub(crate) struct EntriesSeen {
    pub(crate) names: Arc<str>,
    pub(crate) content: Option<ContentId>,
    pub(crate) paths: Vec<Arc<Path>>,
}

#[derive(Debug)]
pub(crate) struct CommandSeen {
    pub(crate) exit_code: Option<i32>,
    pub(crate) first_line: Option<Excerpt>,
    pub(crate) matches: Matches,
    pub(crate) took: Duration,
    pub(crate) at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct ProcessesSeen {
    pub(crate) fault: Option<Arc<str>>,
    pub(crate) count: usize,
    /// Of each pattern the first process that it is true of.
    pub(crate) matches: BTreeMap<ContentId, Option<(u32, Vec<u8>)>>,
    pub(crate) at: Timestamp,
}

impl CommandSeen {
    /// How long it ran, in milliseconds.
    pub(crate) fn took_ms(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }
}

impl FolderSeen {
    /// The entries whose names match, for a pattern of names that was asked for.
    pub(crate) fn found(&self, names: &str, content: Option<ContentId>) -> &[Arc<Path>] {
        let asked = self.entries.iter().find(|seen| *seen.names == *names && seen.content == content);
        asked.map_or(&[], |seen| &seen.paths)
    }
}
