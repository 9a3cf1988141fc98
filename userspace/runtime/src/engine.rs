//! Rules made ready for matching.

mod index;
mod literal;
mod pivot;
mod program;
mod view;

use std::sync::Arc;

use rampart_model::{Category, RuleRef};
use rampart_policy::{Rule, RuleSet};

use self::{
    index::{Candidates, Index},
    program::Program,
    view::View,
};
use crate::Fields;

/// A set of rules, compiled and sorted by the events they look at.
///
/// It is never changed: another set of rules is compiled into another engine, which takes this one's place.
#[derive(Debug, Default)]
pub struct Engine {
    rules: Vec<Compiled>,
    // Indexed by Category::index.
    categories: [Index; Category::ALL.len()],
    scratch: Scratch,
}

#[derive(Debug)]
struct Compiled {
    reference: Arc<RuleRef>,
    program: Program,
}

/// Memory that is used for one event after the other.
#[derive(Debug, Default)]
struct Scratch {
    text: String,
    folded: Vec<u8>,
    candidates: Candidates,
}

impl Engine {
    /// Compiles rules. Whatever could be wrong with them was found when they were loaded.
    #[must_use]
    pub fn compile(rules: &RuleSet) -> Self {
        Self::of(rules.rules())
    }

    /// Of single rules.
    pub(crate) fn of(rules: &[Arc<Rule>]) -> Self {
        let compile = |rule: &Arc<Rule>| Compiled {
            reference: Arc::clone(&rule.reference),
            program: Program::compile(&rule.detection),
        };
        let categories = Category::ALL.map(|category| {
            let rules = (0..).zip(rules).filter(|(_, rule)| rule.category == category);
            Index::new(&rules.collect::<Vec<_>>())
        });
        let scratch = Scratch { candidates: Candidates::new(rules.len()), ..Scratch::default() };
        Self { rules: rules.iter().map(compile).collect(), categories, scratch }
    }

    /// Every rule that an event matches, in the order of their files. Allocates nothing when none does.
    pub fn evaluate(&mut self, event: &impl Fields) -> Vec<Arc<RuleRef>> {
        let Some(index) = self.categories.get(event.category().index()) else { return Vec::new() };
        let Scratch { text, folded, candidates } = &mut self.scratch;
        let view = View::new(event, std::mem::take(text));
        index.find(&view, folded, candidates);
        let mut matching = Vec::new();
        for number in candidates.sorted() {
            let rule = usize::try_from(*number).ok().and_then(|number| self.rules.get(number));
            if let Some(rule) = rule.filter(|rule| rule.program.matches(&view)) {
                matching.push(Arc::clone(&rule.reference));
            }
        }
        candidates.clear();
        *text = view.into_buffer();
        matching
    }
}
