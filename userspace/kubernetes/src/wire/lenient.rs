//! Values that are never an error: what is of another type is none.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// Longest text that is kept, in bytes.
pub(crate) const TEXT: usize = 512;

/// What can be made of JSON of whatever type. Each that is not looked for makes nothing.
trait Lenient<'de>: Default {
    fn of_text(_text: &str) -> Self {
        Self::default()
    }

    fn of_flag(_flag: bool) -> Self {
        Self::default()
    }

    fn of_number(_number: u64) -> Self {
        Self::default()
    }

    fn of_sequence<A: SeqAccess<'de>>(mut sequence: A) -> Result<Self, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(text))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::of_flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::of_number(number))
    }

    fn visit_i64<E>(self, _number: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E>(self, _number: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<T, A::Error> {
        T::of_sequence(sequence)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(map)
    }
}

fn any<'de, T: Lenient<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_any(Any(PhantomData))
}

/// A text; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Text {
    pub(crate) text: Box<str>,
    /// It was longer.
    pub(crate) is_cut: bool,
}

impl Text {
    /// The whole of it; none where it is empty or was longer. Whatever identifies something must be whole.
    pub(crate) fn whole(&self) -> Option<&str> {
        (!self.is_cut && !self.text.is_empty()).then_some(&*self.text)
    }
}

impl Lenient<'_> for Text {
    fn of_text(text: &str) -> Self {
        let kept = text.floor_char_boundary(TEXT);
        Self { text: text.get(..kept).unwrap_or_default().into(), is_cut: kept < text.len() }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        any(from)
    }
}

/// Whether something is true; false where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flag(pub(crate) bool);

impl Lenient<'_> for Flag {
    fn of_flag(flag: bool) -> Self {
        Self(flag)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        any(from)
    }
}

/// A number; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Number(pub(crate) u64);

impl Lenient<'_> for Number {
    fn of_number(number: u64) -> Self {
        Self(number)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        any(from)
    }
}

/// The first `MOST` of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List<T, const MOST: usize> {
    pub(crate) items: Vec<T>,
    /// How many more there were.
    pub(crate) more: u64,
}

impl<T, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self { items: Vec::new(), more: 0 }
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Lenient<'de> for List<T, MOST> {
    fn of_sequence<A: SeqAccess<'de>>(mut sequence: A) -> Result<Self, A::Error> {
        let mut list = Self::default();
        while list.items.len() < MOST {
            let Some(item) = sequence.next_element()? else { return Ok(list) };
            list.items.push(item);
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            list.more += 1;
        }
        Ok(list)
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for List<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        any(from)
    }
}

/// The first `MOST` of texts by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Map<const MOST: usize> {
    pub(crate) entries: Vec<(Text, Text)>,
    /// How many more there were.
    pub(crate) more: u64,
}

impl<'de, const MOST: usize> Lenient<'de> for Map<MOST> {
    fn of_map<A: MapAccess<'de>>(mut from: A) -> Result<Self, A::Error> {
        let mut map = Self::default();
        while map.entries.len() < MOST {
            let Some(entry) = from.next_entry()? else { return Ok(map) };
            map.entries.push(entry);
        }
        while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            map.more += 1;
        }
        Ok(map)
    }
}

impl<'de, const MOST: usize> Deserialize<'de> for Map<MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        any(from)
    }
}

/// A thing with fields of its own; all of them empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Part<T>(pub(crate) T);

impl<'de, T: Deserialize<'de> + Default> Lenient<'de> for Part<T> {
    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Self)
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        any(from)
    }
}
