//! Everything that is in force together.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use rampart_model::{EventKind, Watch};

use crate::{Correlation, Exception, Rule, rule};

/// The rules that are in force together, with what counts their matches and what is excepted from them. No two rules or
/// correlations have one id, and what one refers to is there.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    correlations: Vec<Arc<Correlation>>,
    exceptions: Vec<Arc<Exception>>,
}

impl RuleSet {
    pub(crate) fn new(rules: Vec<Rule>, correlations: Vec<Correlation>, exceptions: Vec<Exception>) -> Self {
        Self {
            correlations: correlations.into_iter().map(Arc::new).collect(),
            exceptions: exceptions.into_iter().map(Arc::new).collect(),
            ..rules.into_iter().collect()
        }
    }

    /// The rules, in the order of their files' paths.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The correlations; one that refers to another stands behind it.
    #[must_use]
    pub fn correlations(&self) -> &[Arc<Correlation>] {
        &self.correlations
    }

    /// How many rules and correlations there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rules.len() + self.correlations.len()
    }

    /// What is excepted, expired exceptions included.
    #[must_use]
    pub fn exceptions(&self) -> &[Arc<Exception>] {
        &self.exceptions
    }

    /// The kinds of event that the rules look at. Where nobody else wants the others, they need not be made.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<EventKind> {
        self.rules.iter().map(|rule| rule.category.kind()).collect()
    }

    /// The files that the rules look at: no rule matches the event of any other file.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.rules.iter().flat_map(|rule| rule::watch(rule)).collect()
    }

    /// A correlation alone: with the rules and correlations that it looks at, which raise nothing by themselves, and
    /// without exceptions. For its own tests.
    #[must_use]
    pub fn only(&self, correlation: &Correlation) -> Self {
        let mut wanted: HashSet<&str> = correlation.rules.iter().map(AsRef::as_ref).collect();
        let mut below = Vec::new();
        // Those that it looks at stand in front of it, so from the back each is seen after all that want it.
        for other in
            self.correlations.iter().rev().filter(|other| other.reference.id != correlation.reference.id)
        {
            if wanted.contains(&*other.reference.id) {
                wanted.extend(other.rules.iter().map(AsRef::as_ref));
                below.push(Arc::new(Correlation { silent: true, ..Correlation::clone(other) }));
            }
        }
        let rules = self.rules.iter().filter(|rule| wanted.contains(&*rule.reference.id));
        let rules = rules.map(|rule| Arc::new(Rule { silent: true, ..Rule::clone(rule) })).collect();
        below.reverse();
        below.push(Arc::new(Correlation { silent: false, ..correlation.clone() }));
        Self { rules, correlations: below, exceptions: Vec::new() }
    }

    /// The rule of that id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| *rule.reference.id == *id)
    }
}

/// Rules alone. The first rule of an id is kept, later ones are left out.
impl FromIterator<Rule> for RuleSet {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        let mut taken = HashSet::new();
        let first = rules.into_iter().filter(|rule| taken.insert(Arc::clone(&rule.reference.id)));
        Self { rules: first.map(Arc::new).collect(), ..Self::default() }
    }
}
