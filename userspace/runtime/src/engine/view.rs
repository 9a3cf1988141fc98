use std::{cell::Cell, fmt::Write as _};

use rampart_model::{Field, Value};

use crate::Fields;

/// An event under evaluation.
pub(crate) struct View<'e, F> {
    event: &'e F,
    // For the text of what is not text, kept from one event to the next.
    buffer: Cell<String>,
}

impl<'e, F: Fields> View<'e, F> {
    pub(crate) fn new(event: &'e F, buffer: String) -> Self {
        Self { event, buffer: Cell::new(buffer) }
    }

    pub(crate) const fn event(&self) -> &'e F {
        self.event
    }

    pub(crate) fn value(&self, field: Field) -> Option<Value<'e>> {
        self.event.value(field)
    }

    /// Whether something holds of a field's text, or of any of its texts.
    pub(crate) fn any_text(&self, field: Field, mut holds: impl FnMut(&str) -> bool) -> bool {
        match self.event.value(field) {
            Some(Value::Texts(texts)) => texts.iter().any(holds),
            Some(Value::Text(text)) => holds(&text),
            Some(_) => self.with_text(field, holds).unwrap_or(false),
            None => false,
        }
    }

    /// What a function makes of a field's text, of several texts all together; none where the event has no such field.
    pub(crate) fn with_text<T>(&self, field: Field, take: impl FnOnce(&str) -> T) -> Option<T> {
        match self.event.value(field)? {
            Value::Text(text) => Some(take(&text)),
            other => {
                let mut text = self.buffer.take();
                text.clear();
                // Writing to a string does not fail.
                write!(text, "{other}").unwrap_or_default();
                let taken = take(&text);
                self.buffer.set(text);
                Some(taken)
            }
        }
    }

    pub(crate) fn into_buffer(self) -> String {
        self.buffer.into_inner()
    }
}
