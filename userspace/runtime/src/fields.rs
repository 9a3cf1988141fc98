use std::borrow::Cow;

use rampart_model::{Category, Event, Field, Record, Texts, Timestamp, Value};

/// What rules can ask of an event.
pub trait Fields {
    /// Which rules look at it.
    fn category(&self) -> Category;

    /// When it happened.
    fn time(&self) -> Timestamp;

    /// The value of a field; none where the event has no such thing.
    fn value(&self, field: Field) -> Option<Value<'_>>;
}

impl Fields for Event {
    fn category(&self) -> Category {
        self.category()
    }

    fn time(&self) -> Timestamp {
        self.time
    }

    fn value(&self, field: Field) -> Option<Value<'_>> {
        field.of(self)
    }
}

impl Fields for Record {
    fn category(&self) -> Category {
        self.category()
    }

    fn time(&self) -> Timestamp {
        self.time()
    }

    fn value(&self, field: Field) -> Option<Value<'_>> {
        Some(match self.get(field)? {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Names(names) => Value::Names(*names),
            Value::Texts(Texts::List(list)) => Value::Texts(Texts::List(Cow::Borrowed(list))),
            Value::Texts(texts) => Value::Texts(texts.clone()),
            Value::Number(number) => Value::Number(*number),
            Value::Bool(value) => Value::Bool(*value),
            Value::Ip(ip) => Value::Ip(*ip),
        })
    }
}
