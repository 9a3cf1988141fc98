//! What a rule needs of an event: of all that must hold for it to match, that which the fewest events have.

use std::net::IpAddr;

use rampart_model::Field;
use rampart_policy::{
    Anchor, Comparison, Condition, Detection, FieldTest, Network, Predicate, Quantifier, Selection, Subject,
};
use rustc_hash::FxHashMap;

use super::{
    index::is_text,
    literal::{Literal, of_pattern, of_regex},
};

/// Most alternatives of one rule; a rule with more is looked at for every event.
const ALTERNATIVES: usize = 4096;

/// Something that an event may have and an index can find.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Pivot {
    /// A piece of text in a field, or in any.
    Text(Subject, Literal),
    Number(Field, i64),
    Truth(Field, bool),
    Address(Field, IpAddr),
    Network(Field, Network),
    /// Any value.
    Present(Field),
}

/// Of the pivots one an event must have to match; none where nothing that can be looked up is needed.
pub(super) fn pivots(detection: &Detection, popularity: &Popularity) -> Option<Vec<Pivot>> {
    let choice = Chooser { popularity }.by_condition(&detection.condition, &detection.selections)?;
    let few = choice.pivots.len() <= ALTERNATIVES;
    few.then_some(choice.pivots)
}

/// In how many rules a pivot occurs. What many rules ask for is also what many events have.
#[derive(Debug, Default)]
pub(super) struct Popularity(FxHashMap<Pivot, u32>);

impl<'d> FromIterator<&'d Detection> for Popularity {
    fn from_iter<I: IntoIterator<Item = &'d Detection>>(detections: I) -> Self {
        let mut counts = FxHashMap::default();
        for detection in detections {
            let tests = detection.selections.iter().flat_map(|selection| &selection.alternatives).flatten();
            for test in tests.filter(|test| !test.negated) {
                for pivot in
                    test.predicates.iter().flat_map(|predicate| candidates(test.subject, predicate)).flatten()
                {
                    *counts.entry(pivot).or_default() += 1;
                }
            }
        }
        Self(counts)
    }
}

/// Pivots one of which an event must have, and how likely it is to.
struct Choice {
    pivots: Vec<Pivot>,
    cost: f64,
}

struct Chooser<'p> {
    popularity: &'p Popularity,
}

impl Chooser<'_> {
    fn by_condition(&self, condition: &Condition, selections: &[Selection]) -> Option<Choice> {
        match condition {
            Condition::Selection(number) => self.by_selection(selections.get(*number)?),
            Condition::All(parts) => best(parts.iter().map(|part| self.by_condition(part, selections))),
            Condition::Any(parts) => union(parts.iter().map(|part| self.by_condition(part, selections))),
            Condition::Not(_) => None,
        }
    }

    fn by_selection(&self, selection: &Selection) -> Option<Choice> {
        union(selection.alternatives.iter().map(|tests| best(tests.iter().map(|test| self.by_test(test)))))
    }

    fn by_test(&self, test: &FieldTest) -> Option<Choice> {
        if test.negated {
            return None;
        }
        let choices = test.predicates.iter().map(|predicate| self.by_predicate(test.subject, predicate));
        match test.quantifier {
            Quantifier::Any => union(choices),
            Quantifier::All => best(choices),
        }
    }

    fn by_predicate(&self, subject: Subject, predicate: &Predicate) -> Option<Choice> {
        best(candidates(subject, predicate).into_iter().map(|pivots| {
            let cost = pivots.iter().map(|pivot| self.cost(pivot)).sum();
            Some(Choice { pivots, cost })
        }))
    }

    fn cost(&self, pivot: &Pivot) -> f64 {
        let times = self.popularity.0.get(pivot).copied().unwrap_or(1);
        likelihood(pivot) * f64::from(times)
    }
}

fn best(choices: impl Iterator<Item = Option<Choice>>) -> Option<Choice> {
    choices.flatten().min_by(|a, b| a.cost.total_cmp(&b.cost))
}

fn union(choices: impl Iterator<Item = Option<Choice>>) -> Option<Choice> {
    let mut all = Choice { pivots: Vec::new(), cost: 0.0 };
    for choice in choices {
        let choice = choice?;
        all.pivots.extend(choice.pivots);
        all.cost += choice.cost;
    }
    Some(all)
}

/// Every way to look a predicate up, each a list of which one must be there.
fn candidates(subject: Subject, predicate: &Predicate) -> Vec<Vec<Pivot>> {
    match (subject, predicate) {
        (Subject::Field(field), _) => of_field(field, predicate),
        (Subject::Anything, Predicate::Text { pattern, .. }) => {
            of_pattern(pattern).map(|literal| vec![text(subject, literal)]).collect()
        }
        (Subject::Anything, Predicate::Regex(regex)) => of_regex(regex)
            .map(|literals| literals.into_iter().map(|literal| text(subject, literal)).collect())
            .into_iter()
            .collect(),
        (Subject::Anything | Subject::Time(_), _) => Vec::new(),
    }
}

fn of_field(field: Field, predicate: &Predicate) -> Vec<Vec<Pivot>> {
    let subject = Subject::Field(field);
    let one = |pivot| vec![vec![pivot]];
    match predicate {
        Predicate::Text { pattern, .. } => {
            of_pattern(pattern).map(|literal| vec![text(subject, literal)]).collect()
        }
        Predicate::Regex(regex) => of_regex(regex)
            .map(|literals| literals.into_iter().map(|literal| text(subject, literal)).collect())
            .into_iter()
            .collect(),
        Predicate::Number { comparison: Comparison::Equal, than } => one(Pivot::Number(field, *than)),
        Predicate::Number { .. } | Predicate::Present => one(Pivot::Present(field)),
        Predicate::SameAs { field: other, .. } => {
            vec![vec![Pivot::Present(field)], vec![Pivot::Present(*other)]]
        }
        Predicate::Bool(value) => one(Pivot::Truth(field, *value)),
        Predicate::Ip(ip) => one(Pivot::Address(field, *ip)),
        Predicate::Network(network) => one(Pivot::Network(field, *network)),
        Predicate::Absent => Vec::new(),
    }
}

const fn text(subject: Subject, literal: Literal) -> Pivot {
    Pivot::Text(subject, literal)
}

/// A guess at how many of a category's events have it, from 0 to 1.
fn likelihood(pivot: &Pivot) -> f64 {
    match pivot {
        Pivot::Text(subject, literal) => {
            let by_length = 0.6_f64.powi(i32::try_from(literal.text.len()).unwrap_or(i32::MAX)).max(1e-6);
            let by_place = match literal.anchor {
                Anchor::Whole => 0.05,
                // Most paths begin alike.
                Anchor::Start if literal.text.starts_with(b"/") => 2.0,
                Anchor::Start | Anchor::End => 0.2,
                Anchor::Anywhere => 1.0,
            };
            let everywhere =
                if matches!(subject, Subject::Field(field) if is_text(*field)) { 1.0 } else { 10.0 };
            by_length * by_place * everywhere
        }
        Pivot::Number(..) => 0.01,
        Pivot::Truth(..) => 0.5,
        Pivot::Address(..) => 0.001,
        Pivot::Network(..) => 0.1,
        Pivot::Present(_) => 0.9,
    }
}
