//! Sigma rules.

mod head;
mod identity;
mod logsource;
mod metadata;
mod read;
mod tags;
mod test;
mod watch;

use std::{fmt, sync::Arc};

use rampart_model::{Category, RuleRef};

pub(crate) use self::{
    head::{DOCUMENT_KEYS, Head, Unsaid},
    identity::{Identity, key, read_id},
    logsource::LogSource,
    metadata::Metadata,
    read::{DEFAULT_LEVEL, read},
    test::{EventClock, listed, read_event, scenario},
    watch::of as watch,
};
pub use self::{
    metadata::Status,
    test::{Expectation, RuleTest},
};
use crate::{Detection, Place};

/// A place in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, as it was asked for.
    pub file: Arc<str>,
    /// Where in it.
    pub place: Place,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.place)
    }
}

/// One rule, checked and with all that it refers to resolved.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What its findings say of it.
    pub reference: Arc<RuleRef>,
    /// What correlations and filters may call it.
    pub name: Option<Arc<str>>,
    /// It raises no finding by itself: only correlations that refer to it do.
    pub silent: bool,
    /// How far its author trusts it.
    pub status: Option<Status>,
    /// Who wrote it.
    pub author: Option<Arc<str>>,
    /// When, as YYYY-MM-DD.
    pub date: Option<Arc<str>>,
    /// Which events it looks at.
    pub category: Category,
    /// What it looks for in them.
    pub detection: Detection,
    /// What is known to match and be harmless.
    pub false_positives: Vec<Arc<str>>,
    /// Events that it must and must not match.
    pub tests: Vec<RuleTest>,
    /// The file that says what must be done for it to fire on a real kernel, by its path in the rule's repository.
    pub scenario: Option<Arc<str>>,
    /// Where it stands.
    pub origin: Origin,
}
