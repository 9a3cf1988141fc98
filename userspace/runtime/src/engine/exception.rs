use std::sync::Arc;

use rampart_model::{Category, Timestamp};
use rampart_policy::{Exception, RuleSet};

use super::{program::Program, view::View};
use crate::Fields;

/// What is excepted from the rules of a set, and how often that was of use.
#[derive(Debug, Default)]
pub(super) struct Exceptions(Vec<Compiled>);

#[derive(Debug)]
struct Compiled {
    exception: Arc<Exception>,
    program: Program,
    used: u64,
    told: bool,
}

impl Exceptions {
    pub(super) fn new(rules: &RuleSet) -> Self {
        let compile = |exception: &Arc<Exception>| Compiled {
            exception: Arc::clone(exception),
            program: Program::compile(&exception.detection),
            used: 0,
            told: false,
        };
        Self(rules.exceptions().iter().map(compile).collect())
    }

    /// The numbers of those that apply to a rule.
    pub(super) fn of_rule(&self, id: &str, category: Category) -> Box<[usize]> {
        self.those(|exception| {
            let named = exception.rules.is_empty() || names(exception, id);
            named && exception.category.is_none_or(|only| only == category)
        })
    }

    /// Of those that apply to a correlation. One for all rules is none for correlations: these have no category, and what
    /// the rules do not match they do not see.
    pub(super) fn of_correlation(&self, id: &str) -> Box<[usize]> {
        self.those(|exception| names(exception, id))
    }

    fn those(&self, apply: impl Fn(&Exception) -> bool) -> Box<[usize]> {
        let exceptions = self.0.iter().enumerate().filter(|(_, compiled)| apply(&compiled.exception));
        exceptions.map(|(number, _)| number).collect()
    }

    /// Whether one of these keeps an event's match from counting.
    pub(super) fn apply(&mut self, numbers: &[usize], view: &View<'_, impl Fields>) -> bool {
        let time = view.event().time();
        // Every one that applies is counted, so that none looks unused that is only second.
        let mut applied = false;
        for number in numbers {
            let Some(compiled) = self.0.get_mut(*number) else { continue };
            if compiled.exception.applies_at(time) && compiled.program.matches(view) {
                compiled.used += 1;
                applied = true;
            }
        }
        applied
    }

    /// Those whose time is over since the last call.
    pub(super) fn expired(&mut self, now: Timestamp) -> Vec<Arc<Exception>> {
        let over = self.0.iter_mut().filter(|compiled| !compiled.told && !compiled.exception.applies_at(now));
        over.map(|compiled| {
            compiled.told = true;
            Arc::clone(&compiled.exception)
        })
        .collect()
    }

    pub(super) fn usage(&self) -> impl Iterator<Item = (&Arc<Exception>, u64)> {
        self.0.iter().map(|compiled| (&compiled.exception, compiled.used))
    }

    /// Takes over how often those of the same id were of use, and which were told to be over.
    pub(super) fn adopt(&mut self, old: &Self) {
        for compiled in &mut self.0 {
            let same = |other: &&Compiled| {
                other.exception.id == compiled.exception.id
                    && other.exception.expires == compiled.exception.expires
            };
            if let Some(old) = old.0.iter().find(same) {
                compiled.used = old.used;
                compiled.told = old.told;
            }
        }
    }
}

fn names(exception: &Exception, id: &str) -> bool {
    exception.rules.iter().any(|named| **named == *id)
}
