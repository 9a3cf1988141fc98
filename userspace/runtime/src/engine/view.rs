use std::{borrow::Cow, cell::OnceCell};

use rampart_model::{Field, Value};

use crate::Fields;

/// An event under evaluation: every field is asked for at most once, and made into text at most once,
/// however many rules look at it.
pub(super) struct View<'e, F> {
    event: &'e F,
    slots: [Slot<'e>; Field::ALL.len()],
}

#[derive(Default)]
struct Slot<'e> {
    value: OnceCell<Option<Value<'e>>>,
    // Only of what is not text already.
    text: OnceCell<Box<str>>,
}

impl<'e, F: Fields> View<'e, F> {
    pub(super) fn new(event: &'e F) -> Self {
        Self { event, slots: std::array::from_fn(|_| Slot::default()) }
    }

    pub(super) fn value(&self, field: Field) -> Option<&Value<'e>> {
        let slot = self.slots.get(field.index())?;
        slot.value.get_or_init(|| self.event.value(field)).as_ref()
    }

    pub(super) fn text(&self, field: Field) -> Option<&str> {
        match self.value(field)? {
            Value::Text(text) => Some(text),
            other => {
                let slot = self.slots.get(field.index())?;
                Some(slot.text.get_or_init(|| Cow::into_owned(other.as_text()).into()))
            }
        }
    }
}
