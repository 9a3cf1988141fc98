//! Rules made ready for matching.

mod program;
mod view;

use std::sync::Arc;

use rampart_model::{Category, RuleRef};
use rampart_policy::{Rule, RuleSet};

use self::{program::Program, view::View};
use crate::Fields;

/// A set of rules, compiled and sorted by the events they look at.
///
/// It is never changed: another set of rules is compiled into another engine, which takes this one's place.
#[derive(Debug, Default)]
pub struct Engine {
    // Indexed by Category::index.
    categories: [Vec<Compiled>; Category::ALL.len()],
}

#[derive(Debug)]
struct Compiled {
    reference: Arc<RuleRef>,
    program: Program,
}

impl Engine {
    /// Compiles rules. Whatever could be wrong with them was found when they were loaded.
    #[must_use]
    pub fn compile(rules: &RuleSet) -> Self {
        Self::of(rules.rules().iter().map(AsRef::as_ref))
    }

    /// Of single rules.
    pub(crate) fn of<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Self {
        let mut engine = Self::default();
        for rule in rules {
            let compiled = Compiled {
                reference: Arc::clone(&rule.reference),
                program: Program::compile(&rule.detection),
            };
            if let Some(category) = engine.categories.get_mut(rule.category.index()) {
                category.push(compiled);
            }
        }
        engine
    }

    /// How many rules look at events of a category. Where it is none, such events need not be collected.
    #[must_use]
    pub fn rules_for(&self, category: Category) -> usize {
        self.categories.get(category.index()).map_or(0, Vec::len)
    }

    /// Every rule that an event matches, in the order of their files. Allocates nothing when none does.
    ///
    /// Rules that count or wait over several events keep what they have seen in the engine: that is what
    /// `&mut` stands for.
    pub fn evaluate(&mut self, event: &impl Fields) -> Vec<Arc<RuleRef>> {
        let Some(rules) = self.categories.get(event.category().index()) else { return Vec::new() };
        let view = View::new(event);
        let matching = rules.iter().filter(|rule| rule.program.matches(&view));
        matching.map(|rule| Arc::clone(&rule.reference)).collect()
    }
}
