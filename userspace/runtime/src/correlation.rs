//! Rules over the matches of other rules: windows of time, group by group.
//!
//! Time is the events': a window moves when a match comes, and nothing here reads a clock. What is kept is bounded:
//! [`GROUPS`] groups and [`MATCHES`] matches of each correlation, and of one group what
//! [`limit::CORRELATION_MATCHES`](rampart_policy::limit::CORRELATION_MATCHES) says. Beyond, the group that was longest
//! without a match is forgotten, and within one group the oldest match; both are counted.

mod compiled;
mod group;
mod measure;
mod window;

use std::sync::Arc;

use rampart_model::{Correlated, RuleRef};
use rampart_policy::RuleSet;
use rustc_hash::FxHashMap;

use self::compiled::Compiled;
use crate::{Fields, engine::View};

/// Groups that are kept of one correlation.
pub const GROUPS: usize = 4096;

/// Matches that are kept of all groups of one correlation together.
pub const MATCHES: usize = 100_000;

/// The correlations of a set of rules, and what they have seen.
#[derive(Debug, Default)]
pub(crate) struct Correlator {
    // One that looks at another stands behind it.
    correlations: Vec<Compiled>,
    // Who looks at the matches of a rule or correlation, by its id.
    readers: FxHashMap<Arc<str>, Box<[Reader]>>,
    // What those before these have forgotten: a count never goes back.
    before: Forgotten,
}

/// A correlation that looks at the matches of some rule.
#[derive(Debug, Clone, Copy)]
struct Reader {
    correlation: usize,
    /// The number of that rule among the correlation's.
    position: usize,
}

/// A correlation that fired.
#[derive(Debug)]
pub(crate) struct Fired {
    /// Its number.
    pub(crate) correlation: usize,
    pub(crate) rule: Arc<RuleRef>,
    pub(crate) silent: bool,
    pub(crate) details: Arc<Correlated>,
}

/// What was forgotten because there was too much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Groups with all their matches.
    pub groups: u64,
    /// Single matches of groups that were kept.
    pub matches: u64,
}

impl Correlator {
    pub(crate) fn new(rules: &RuleSet) -> Self {
        let mut readers: FxHashMap<Arc<str>, Vec<Reader>> = FxHashMap::default();
        let mut correlations: Vec<Compiled> = Vec::new();
        for (number, correlation) in rules.correlations().iter().enumerate() {
            for (position, rule) in correlation.rules.iter().enumerate() {
                let reader = Reader { correlation: number, position };
                readers.entry(Arc::clone(rule)).or_default().push(reader);
            }
            let compiled = Compiled::new(correlation, rules, &correlations);
            correlations.push(compiled);
        }
        let readers = readers.into_iter().map(|(id, readers)| (id, readers.into())).collect();
        Self { correlations, readers, before: Forgotten::default() }
    }

    /// Whether any correlation looks at the matches of a rule.
    pub(crate) fn reads(&self, rule: &str) -> bool {
        self.readers.contains_key(rule)
    }

    /// Takes in a match, and gives every correlation that fires by it, those that look at other correlations included; but
    /// none that is excepted.
    pub(crate) fn take(
        &mut self,
        rule: &Arc<str>,
        view: &View<'_, impl Fields>,
        mut is_excepted: impl FnMut(usize) -> bool,
    ) -> Vec<Fired> {
        let mut fired = Vec::new();
        let mut matched = vec![Arc::clone(rule)];
        // Correlations do not look at each other in a circle: the parser saw to it.
        while let Some(id) = matched.pop() {
            for reader in self.readers.get(&id).into_iter().flatten() {
                let Some(correlation) = self.correlations.get_mut(reader.correlation) else { continue };
                let Some(details) = correlation.take(reader.position, view) else { continue };
                if is_excepted(reader.correlation) {
                    continue;
                }
                let rule = Arc::clone(&correlation.reference);
                matched.push(Arc::clone(&rule.id));
                let silent = correlation.silent;
                fired.push(Fired { correlation: reader.correlation, rule, silent, details: details.into() });
            }
        }
        fired
    }

    /// Takes over what correlations of the same definition have seen.
    pub(crate) fn adopt(&mut self, old: Self) {
        let forgotten = old.forgotten();
        let mut seen: FxHashMap<u64, Compiled> =
            old.correlations.into_iter().map(|correlation| (correlation.fingerprint, correlation)).collect();
        for correlation in &mut self.correlations {
            if let Some(old) = seen.remove(&correlation.fingerprint) {
                correlation.adopt(old);
            }
        }
        let kept = self.forgotten();
        self.before.groups += forgotten.groups - kept.groups;
        self.before.matches += forgotten.matches - kept.matches;
    }

    /// What was forgotten so far.
    pub(crate) fn forgotten(&self) -> Forgotten {
        let mut sum = self.before;
        for correlation in &self.correlations {
            let forgotten = correlation.forgotten();
            sum.groups += forgotten.groups;
            sum.matches += forgotten.matches;
        }
        sum
    }
}
