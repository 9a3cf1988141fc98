//! Sigma correlations: rules over what other rules match.

mod bounds;
mod draft;
mod grouping;
mod kind;
mod resolve;
mod test;

use std::{sync::Arc, time::Duration};

use rampart_model::{Field, Record, RuleRef};

pub(crate) use self::{
    draft::{Draft as CorrelationDraft, feeds, read},
    resolve::resolve,
};
use crate::{Comparison, Condition, Expectation, Origin, Place, Status};

/// A rule over the matches of other rules.
#[derive(Debug, Clone)]
pub struct Correlation {
    /// What its findings say of it.
    pub reference: Arc<RuleRef>,
    /// What other correlations may call it.
    pub name: Option<Arc<str>>,
    /// It raises no finding by itself: only correlations that refer to it do.
    pub silent: bool,
    /// How far its author trusts it.
    pub status: Option<Status>,
    /// Ids of the rules and correlations whose matches it looks at, in the order written. Never empty.
    pub rules: Vec<Arc<str>>,
    /// What it makes of them.
    pub kind: CorrelationKind,
    /// Matches are looked at together where all of these are the same; all together where there is none.
    pub group_by: Vec<GroupKey>,
    /// How long matches are looked at together. Never zero.
    pub timespan: Duration,
    /// What is known to match and be harmless.
    pub false_positives: Vec<Arc<str>>,
    /// Events in their order that must and must not make it fire.
    pub tests: Vec<SequenceTest>,
    /// As of a rule ([`crate::Rule::scenario`]).
    pub scenario: Option<Arc<str>>,
    /// Where it stands.
    pub origin: Origin,
}

/// What a correlation makes of matches within its timespan.
#[derive(Debug, Clone, PartialEq)]
pub enum CorrelationKind {
    /// There are so many.
    EventCount(Vec<Bound>),
    /// The fields have so many different values together.
    ValueCount {
        /// The fields. Never empty.
        fields: Vec<Field>,
        /// How many.
        bounds: Vec<Bound>,
    },
    /// The values of a number field together are so large.
    Value {
        /// How they are taken together.
        measure: Measure,
        /// The field.
        field: Field,
        /// How large.
        bounds: Vec<Bound>,
    },
    /// The rules have matched, in any order, as the condition over them says ([`Condition::Selection`] numbers
    /// [`Correlation::rules`]).
    Temporal(TemporalCondition),
    /// Likewise, and those that the condition needs in the order of [`Correlation::rules`].
    TemporalOrdered(TemporalCondition),
}

/// Which of the rules must have matched.
#[derive(Debug, Clone, PartialEq)]
pub enum TemporalCondition {
    /// So many of them. All, where the correlation does not say.
    Count(Vec<Bound>),
    /// Those that a condition over them asks for.
    Rules(Condition),
}

/// How the values of a field are taken together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The value below which so many percent of them lie, interpolated.
    Percentile(f64),
}

/// What a number must be. All bounds of a list must hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub than: f64,
    /// `neq`: the comparison must not hold.
    pub negated: bool,
}

/// What has to be the same for matches to belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupKey {
    /// The field's or alias's name.
    pub name: Arc<str>,
    /// For each of [`Correlation::rules`], the field of its events; none where an alias has none for it.
    pub fields: Vec<Option<Field>>,
}

/// Events, in their order, that a correlation must, or must not, fire on.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceTest {
    /// Which of the two.
    pub expectation: Expectation,
    /// The events, with their times.
    pub events: Vec<Record>,
    /// Where it stands in the correlation's file.
    pub place: Place,
}

impl Bound {
    /// Whether a number is so.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "counts are whole numbers; of others the author asks for it")]
    pub fn holds(&self, number: f64) -> bool {
        let holds = match self.comparison {
            Comparison::Equal => number == self.than,
            Comparison::Greater => number > self.than,
            Comparison::GreaterOrEqual => number >= self.than,
            Comparison::Less => number < self.than,
            Comparison::LessOrEqual => number <= self.than,
        };
        holds != self.negated
    }
}
