use std::sync::Arc;

use rampart_model::RuleRef;
use rampart_policy::{Correlation, Origin, Rule, RuleSet, Status};
use serde_json::{Value as Json, json};

/// A rule or a correlation.
pub(super) struct Entry<'a> {
    pub(super) reference: &'a RuleRef,
    pub(super) kind: &'static str,
    /// None for a correlation: what it looks at is other rules' matches.
    pub(super) category: Option<&'static str>,
    pub(super) status: Option<Status>,
    /// It raises no finding by itself.
    pub(super) silent: bool,
    pub(super) false_positives: &'a [Arc<str>],
    pub(super) tests: usize,
    /// Where the deed stands that it was seen to fire on.
    pub(super) scenario: Option<&'a str>,
    pub(super) origin: &'a Origin,
}

impl<'a> Entry<'a> {
    /// Rules first, then correlations.
    pub(super) fn all(rules: &'a RuleSet) -> Vec<Self> {
        let correlations = rules.correlations().iter().map(|correlation| Self::of_correlation(correlation));
        rules.rules().iter().map(|rule| Self::of_rule(rule)).chain(correlations).collect()
    }

    fn of_rule(rule: &'a Rule) -> Self {
        Self {
            reference: &rule.reference,
            kind: "rule",
            category: Some(rule.category.name()),
            status: rule.status,
            silent: rule.silent,
            false_positives: &rule.false_positives,
            tests: rule.tests.len(),
            scenario: rule.scenario.as_deref(),
            origin: &rule.origin,
        }
    }

    fn of_correlation(correlation: &'a Correlation) -> Self {
        Self {
            reference: &correlation.reference,
            kind: "correlation",
            category: None,
            status: correlation.status,
            silent: correlation.silent,
            false_positives: &correlation.false_positives,
            tests: correlation.tests.len(),
            scenario: correlation.scenario.as_deref(),
            origin: &correlation.origin,
        }
    }

    pub(super) fn techniques(&self) -> Vec<&'a str> {
        self.reference.techniques.iter().map(|technique| &*technique.id).collect()
    }

    /// As the lists by something else name it.
    fn brief(&self) -> Json {
        json!({
            "id": self.reference.id,
            "title": self.reference.title,
            "level": self.reference.severity,
        })
    }
}

/// As the lists by something else name them.
pub(super) fn briefs(entries: &[&Entry<'_>]) -> Json {
    entries.iter().map(|entry| entry.brief()).collect()
}

/// For a table's cell.
pub(super) fn titles(entries: &[&Entry<'_>]) -> String {
    entries.iter().map(|entry| &*entry.reference.title).collect::<Vec<_>>().join("; ")
}
