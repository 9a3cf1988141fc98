//! Rules made ready for matching.

mod exception;
mod index;
mod literal;
mod pivot;
mod program;
mod view;

use std::sync::Arc;

use rampart_model::{Category, Correlated, RuleRef, Timestamp};
use rampart_policy::{Exception, Rule, RuleSet};

pub(crate) use self::view::View;
use self::{
    exception::Exceptions,
    index::{Candidates, Index},
    program::Program,
};
use crate::{
    Fields, Forgotten,
    correlation::{Correlator, Fired},
};

/// A set of rules, compiled and sorted by the events they look at; and what its correlations have seen.
///
/// Another set of rules is compiled into another engine, which takes this one's place and [adopts](Self::adopt) what it
/// has seen.
#[derive(Debug, Default)]
pub struct Engine {
    rules: Vec<Compiled>,
    // Indexed by Category::index.
    categories: [Index; Category::ALL.len()],
    exceptions: Exceptions,
    correlator: Correlator,
    /// By the correlations' numbers.
    correlation_exceptions: Vec<Box<[usize]>>,
    scratch: Scratch,
}

#[derive(Debug)]
struct Compiled {
    reference: Arc<RuleRef>,
    program: Program,
    silent: bool,
    correlated: bool,
    exceptions: Box<[usize]>,
}

/// Memory that is used for one event after the other.
#[derive(Debug, Default)]
struct Scratch {
    text: String,
    folded: Vec<u8>,
    candidates: Candidates,
}

/// A rule that an event matches, or a correlation that fires by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which.
    pub rule: Arc<RuleRef>,
    /// Of a correlation, what it has looked at together.
    pub correlation: Option<Arc<Correlated>>,
}

impl Engine {
    /// Compiles rules. Whatever could be wrong with them was found when they were loaded.
    #[must_use]
    pub fn compile(rules: &RuleSet) -> Self {
        let (exceptions, correlator) = (Exceptions::new(rules), Correlator::new(rules));
        let compile = |rule: &Arc<Rule>| Compiled {
            reference: Arc::clone(&rule.reference),
            program: Program::compile(&rule.detection),
            silent: rule.silent,
            correlated: correlator.reads(&rule.reference.id),
            exceptions: exceptions.of_rule(&rule.reference.id, rule.category),
        };
        let correlations = rules.correlations().iter().map(|correlation| &*correlation.reference.id);
        let correlation_exceptions = correlations.map(|id| exceptions.of_correlation(id)).collect();
        let categories = Category::ALL.map(|category| {
            let rules = (0..).zip(rules.rules()).filter(|(_, rule)| rule.category == category);
            Index::new(&rules.collect::<Vec<_>>())
        });
        Self {
            rules: rules.rules().iter().map(compile).collect(),
            categories,
            correlation_exceptions,
            exceptions,
            correlator,
            scratch: Scratch { candidates: Candidates::new(rules.rules().len()), ..Scratch::default() },
        }
    }

    /// Every rule that an event matches, in the order of their files, then every correlation that fires by it. Allocates
    /// nothing where there is none.
    ///
    /// Rules that only serve correlations are not among them, nor are those that an exception keeps from counting.
    pub fn matches(&mut self, event: &impl Fields) -> Vec<Match> {
        let Some(index) = self.categories.get(event.category().index()) else { return Vec::new() };
        let view = View::new(event, std::mem::take(&mut self.scratch.text));
        index.find(&view, &mut self.scratch.folded, &mut self.scratch.candidates);
        let (mut matches, mut fired) = (Vec::new(), Vec::new());
        for number in self.scratch.candidates.sorted() {
            let rule = usize::try_from(*number).ok().and_then(|number| self.rules.get(number));
            let Some(rule) = rule.filter(|rule| rule.program.matches(&view)) else { continue };
            if self.exceptions.apply(&rule.exceptions, &view) {
                continue;
            }
            if rule.correlated {
                let Self { correlator, exceptions, correlation_exceptions, .. } = self;
                fired.extend(correlator.take(&rule.reference.id, &view, |correlation| {
                    let numbers = correlation_exceptions.get(correlation).map_or(&[][..], AsRef::as_ref);
                    exceptions.apply(numbers, &view)
                }));
            }
            if !rule.silent {
                matches.push(Match { rule: Arc::clone(&rule.reference), correlation: None });
            }
        }
        self.scratch.candidates.clear();
        add_correlations(fired, &mut matches);
        self.scratch.text = view.into_buffer();
        matches
    }

    /// The rules of [`matches`](Self::matches).
    pub fn evaluate(&mut self, event: &impl Fields) -> Vec<Arc<RuleRef>> {
        self.matches(event).into_iter().map(|found| found.rule).collect()
    }

    /// Takes over what an engine has seen for correlations that are the same in both, and for exceptions.
    pub fn adopt(&mut self, old: Self) {
        self.exceptions.adopt(&old.exceptions);
        self.correlator.adopt(old.correlator);
    }

    /// Exceptions whose time is over since the last call.
    pub fn expired(&mut self, now: Timestamp) -> Vec<Arc<Exception>> {
        self.exceptions.expired(now)
    }

    /// How often each exception has kept a match from counting.
    pub fn exceptions(&self) -> impl Iterator<Item = (&Arc<Exception>, u64)> {
        self.exceptions.usage()
    }

    /// What the correlations have forgotten for want of room.
    #[must_use]
    pub fn forgotten(&self) -> Forgotten {
        self.correlator.forgotten()
    }
}

/// One event may make a correlation fire twice, by two rules: the last has seen the most.
fn add_correlations(mut fired: Vec<Fired>, matches: &mut Vec<Match>) {
    fired.reverse();
    fired.sort_by_key(|fired| fired.correlation);
    fired.dedup_by_key(|fired| fired.correlation);
    let loud = fired.into_iter().filter(|fired| !fired.silent);
    matches.extend(loud.map(|Fired { rule, details, .. }| Match { rule, correlation: Some(details) }));
}
