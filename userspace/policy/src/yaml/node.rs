use std::fmt;

use serde_saphyr::{Location, Spanned};

use super::raw::Raw;

/// A place in a text. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Place {
    /// Where a text begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        let at = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
        Self { line: at(location.line()), column: at(location.column()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A YAML value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins; for an alias, where it is used.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// One value.
    Scalar(Scalar),
    /// Values in order.
    List(Vec<Node>),
    /// Values by key, in the order of the file.
    Map(Vec<Entry>),
}

/// One key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// The value.
    pub value: Node,
}

/// One value, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text: of a number the digits of the file, so that `1.10` stays what it is.
    pub text: String,
    /// What YAML takes it for.
    pub kind: ScalarKind,
    // The place of the text's first character, if the text stands in the file as it is, on one line.
    start: Option<Place>,
}

/// What YAML takes a [`Scalar`] for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are YAML's")]
pub enum ScalarKind {
    Null,
    Bool(bool),
    Integer(i128),
    Float,
    Text,
}

impl Scalar {
    /// The place of the text's character of that number; none where a block scalar or an escape hides it.
    #[must_use]
    pub fn place_of(&self, character: usize) -> Option<Place> {
        let start = self.start?;
        Some(Place { column: start.column.saturating_add(u32::try_from(character).ok()?), ..start })
    }
}

impl Node {
    pub(super) fn new(raw: Spanned<Raw>, text: &str) -> Self {
        let place = Place::from(raw.referenced);
        let written = Written { text, defined: raw.defined, place, alias: raw.defined != raw.referenced };
        let content = match raw.value {
            Raw::Null => written.scalar(String::new(), ScalarKind::Null),
            Raw::Bool(value) => written.scalar(value.to_string(), ScalarKind::Bool(value)),
            Raw::Integer(value) => written.scalar(written.plain(value), ScalarKind::Integer(value)),
            Raw::Float(value) => written.scalar(written.plain(value), ScalarKind::Float),
            Raw::Text(value) => written.scalar(value, ScalarKind::Text),
            Raw::List(items) => Content::List(items.into_iter().map(|item| Self::new(item, text)).collect()),
            Raw::Map(entries) => {
                Content::Map(entries.into_iter().map(|(key, value)| entry(key, value, text)).collect())
            }
        };
        Self { place, content }
    }

    /// The value as a scalar.
    #[must_use]
    pub const fn as_scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match &self.content {
            Content::List(items) if items.is_empty() => "an empty list",
            Content::List(_) => "a list",
            Content::Map(entries) if entries.is_empty() => "an empty map",
            Content::Map(_) => "a map",
            Content::Scalar(scalar) => match scalar.kind {
                ScalarKind::Null => "nothing",
                ScalarKind::Bool(_) => "true or false",
                ScalarKind::Integer(_) => "a whole number",
                ScalarKind::Float => "a number",
                ScalarKind::Text if scalar.text.is_empty() => "empty text",
                ScalarKind::Text => "text",
            },
        }
    }
}

fn entry(key: Spanned<Raw>, value: Spanned<Raw>, text: &str) -> Entry {
    let key = Node::new(key, text);
    let name = match key.content {
        Content::Scalar(scalar) => scalar.text,
        // No key that anybody asks for has such a name, so it is reported as unknown.
        Content::List(_) => "[…]".to_owned(),
        Content::Map(_) => "{…}".to_owned(),
    };
    Entry { key: name, place: key.place, value: Node::new(value, text) }
}

/// A scalar's spelling in the file.
struct Written<'a> {
    text: &'a str,
    defined: Location,
    place: Place,
    alias: bool,
}

impl Written<'_> {
    fn rest(&self) -> Option<&str> {
        let offset = self.defined.span().byte_offset()?;
        self.text.get(usize::try_from(offset).ok()?..)
    }

    fn plain(&self, value: impl fmt::Display) -> String {
        let length = self.defined.span().byte_len().and_then(|length| usize::try_from(length).ok());
        let written = length.and_then(|length| self.rest()?.get(..length));
        written.map_or_else(|| value.to_string(), |text| text.trim().to_owned())
    }

    fn scalar(&self, text: String, kind: ScalarKind) -> Content {
        let start = self.rest().and_then(|rest| {
            let quotes = u32::from(rest.starts_with(['\'', '"']));
            let body = rest.get(quotes as usize..)?;
            let inline = !self.alias && !text.contains('\n') && body.starts_with(&text);
            inline.then(|| Place { column: self.place.column.saturating_add(quotes), ..self.place })
        });
        Content::Scalar(Scalar { text, kind, start })
    }
}
