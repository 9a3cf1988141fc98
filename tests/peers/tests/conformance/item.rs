//! Tests of one field, made so that they hold of an event, or only just do not.

#[expect(clippy::unnecessary_wraps, reason = "every maker may find nothing to make")]
mod encoded;
#[expect(clippy::unnecessary_wraps, reason = "every maker may find nothing to make")]
mod text;
#[expect(clippy::unnecessary_wraps, reason = "every maker may find nothing to make")]
mod typed;

pub(crate) use self::text::keywords;

use fastrand::Rng;
use serde_json::Value as Json;

use crate::event::Event;

/// A test of one field.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// What Sigma offers here, for the account of what was covered.
    pub(crate) label: &'static str,
    pub(crate) field: String,
    /// The modifiers, each with its `|`.
    pub(crate) modifiers: String,
    pub(crate) value: Json,
}

impl Item {
    fn new(label: &'static str, field: &str, modifiers: &str, value: impl Into<Json>) -> Self {
        Self { label, field: field.to_owned(), modifiers: modifiers.to_owned(), value: value.into() }
    }

    /// As a rule writes it on the left of the colon.
    pub(crate) fn key(&self) -> String {
        format!("{}{}", self.field, self.modifiers)
    }
}

/// A maker of tests: it may change the event so that there is something to find, and gives nothing where the
/// event has no such field.
type Maker = fn(&mut Rng, &mut Event) -> Option<Item>;

/// Every form of test, the ordinary ones several times.
const MAKERS: &[Maker] = &[
    text::whole,
    text::whole,
    text::list,
    text::list,
    text::wildcards,
    text::wildcards,
    text::wildcards,
    text::part,
    text::part,
    text::part,
    text::part_list,
    text::part_list,
    text::part_wildcards,
    text::all_parts,
    text::all_parts,
    text::all_expressions,
    text::expression,
    text::expression,
    text::expression_list,
    text::expression_of_lines,
    text::different,
    text::different_part,
    text::empty,
    text::number,
    typed::number,
    typed::number,
    typed::number_list,
    typed::number_text,
    typed::number_part,
    typed::bound,
    typed::bound,
    typed::different,
    typed::boolean,
    typed::address,
    typed::network,
    typed::network,
    typed::address_part,
    typed::time,
    typed::exists,
    typed::null,
    typed::reference,
    encoded::base64,
    encoded::base64_offset,
    encoded::base64_offset,
    encoded::dash,
];

/// A test that mostly holds of the event.
pub(crate) fn any(rng: &mut Rng, event: &mut Event) -> Item {
    loop {
        let maker = MAKERS[rng.usize(0..MAKERS.len())];
        if let Some(item) = maker(rng, event) {
            return item;
        }
    }
}
