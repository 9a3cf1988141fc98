//! Which rules an event may match: for every rule the index has something that it needs, and names the rule where an event
//! has that. It may name rules that do not match, never miss one that does.

mod candidates;
mod edge;
mod gram;
mod value;

use std::sync::Arc;

use rampart_model::{Field, FieldType};
use rampart_policy::{Anchor, Rule, Subject};
use rustc_hash::FxHashMap;

pub(super) use self::candidates::Candidates;
use self::{
    edge::{Edges, EdgesBuilder},
    gram::Grams,
    value::Values,
};
use super::{
    literal::{Literal, fold},
    pivot::{Pivot, Popularity, pivots},
    view::View,
};
use crate::Fields;

/// The rules of one category.
#[derive(Debug, Default)]
pub(super) struct Index {
    texts: Box<[(Field, Texts)]>,
    values: Box<[(Field, Values)]>,
    // Keywords: looked for in every field.
    anything: Option<Texts>,
    /// Rules that need nothing that could be looked up.
    always: Box<[u32]>,
}

/// Literals of one field.
#[derive(Debug, Default)]
struct Texts {
    starts: Edges,
    ends: Edges,
    inner: Grams,
}

impl Index {
    /// Of rules by their numbers.
    pub(super) fn new(rules: &[(u32, &Arc<Rule>)]) -> Self {
        let popularity: Popularity = rules.iter().map(|(_, rule)| &rule.detection).collect();
        let mut builder = Builder::default();
        for (number, rule) in rules {
            match pivots(&rule.detection, &popularity) {
                Some(pivots) => pivots.iter().for_each(|pivot| builder.add(pivot, *number)),
                None => builder.always.push(*number),
            }
        }
        builder.build()
    }

    /// Adds the rules that an event may match.
    pub(super) fn find(&self, view: &View<'_, impl Fields>, folded: &mut Vec<u8>, found: &mut Candidates) {
        found.extend(&self.always);
        for (field, texts) in &self.texts {
            texts.find_in(*field, view, folded, found);
        }
        for (field, values) in &self.values {
            if let Some(value) = view.value(*field) {
                values.find(&value, found);
            }
        }
        if let Some(texts) = &self.anything {
            for field in Field::ALL {
                texts.find_in(*field, view, folded, found);
            }
        }
    }
}

impl Texts {
    fn find_in(
        &self,
        field: Field,
        view: &View<'_, impl Fields>,
        folded: &mut Vec<u8>,
        found: &mut Candidates,
    ) {
        // Of several texts all are looked at.
        view.any_text(field, |text| {
            self.find(text, folded, found);
            false
        });
    }

    fn find(&self, text: &str, folded: &mut Vec<u8>, found: &mut Candidates) {
        fold(text, folded);
        self.starts.find(folded.iter().copied(), found);
        self.ends.find(folded.iter().rev().copied(), found);
        self.inner.find(folded, found);
    }
}

#[derive(Default)]
struct Builder {
    texts: FxHashMap<Subject, TextsBuilder>,
    values: FxHashMap<Field, Values>,
    always: Vec<u32>,
}

#[derive(Default)]
struct TextsBuilder {
    starts: EdgesBuilder,
    ends: EdgesBuilder,
    inner: FxHashMap<Box<[u8]>, Vec<u32>>,
}

impl Builder {
    fn add(&mut self, pivot: &Pivot, rule: u32) {
        match pivot {
            Pivot::Text(subject, literal) => self.texts.entry(*subject).or_default().add(literal, rule),
            Pivot::Number(field, number) => self.values(*field).add_number(*number, rule),
            Pivot::Truth(field, value) => self.values(*field).add_truth(*value, rule),
            Pivot::Address(field, address) => self.values(*field).add_address(*address, rule),
            Pivot::Network(field, network) => self.values(*field).add_network(*network, rule),
            Pivot::Present(field) => self.values(*field).add_present(rule),
        }
    }

    fn values(&mut self, field: Field) -> &mut Values {
        self.values.entry(field).or_default()
    }

    fn build(mut self) -> Index {
        let anything = self.texts.remove(&Subject::Anything).map(TextsBuilder::build);
        let texts = Field::ALL.iter().filter_map(|field| {
            let texts = self.texts.remove(&Subject::Field(*field))?;
            Some((*field, texts.build()))
        });
        let texts = texts.collect();
        let values =
            Field::ALL.iter().filter_map(|field| Some((*field, self.values.remove(field)?))).collect();
        Index { texts, values, anything, always: self.always.into() }
    }
}

impl TextsBuilder {
    fn add(&mut self, literal: &Literal, rule: u32) {
        let bytes = literal.text.iter().copied();
        match literal.anchor {
            Anchor::Whole | Anchor::Start => self.starts.add(bytes, rule),
            Anchor::End => self.ends.add(bytes.rev(), rule),
            Anchor::Anywhere => self.inner.entry(literal.text.clone()).or_default().push(rule),
        }
    }

    fn build(self) -> Texts {
        Texts { starts: self.starts.build(), ends: self.ends.build(), inner: Grams::new(self.inner) }
    }
}

/// Whether a field's text is its value, and not made for the comparison.
pub(super) const fn is_text(field: Field) -> bool {
    matches!(field.field_type(), FieldType::Text)
}
