//! Sigma rules.

mod metadata;
mod read;
mod tags;
mod test;
mod watch;

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
    sync::Arc,
};

use rampart_model::{Category, EventKind, RuleRef, Watch};

pub(crate) use self::read::read;
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
    /// Where it stands.
    pub origin: Origin,
}

/// The rules that are in force together. No two have one id.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
}

impl RuleSet {
    /// The rules, in the order of their files' paths.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The kinds of event that the rules look at. Where nobody else wants the others, they need not be made.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<EventKind> {
        self.rules.iter().map(|rule| rule.category.kind()).collect()
    }

    /// The files that the rules look at: no rule matches the event of any other file.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.rules.iter().flat_map(|rule| watch::of(rule)).collect()
    }

    /// The rule of that id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| *rule.reference.id == *id)
    }
}

/// The first rule of an id is kept, later ones are left out.
impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        let mut taken = HashSet::new();
        let first = rules.into_iter().filter(|rule| taken.insert(Arc::clone(&rule.reference.id)));
        Self { rules: first.map(Arc::new).collect() }
    }
}
