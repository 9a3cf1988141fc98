use std::{fmt, sync::Arc};

use crate::{
    Fault,
    reader::{Map, Reader, short},
    yaml::Node,
};

/// How far a rule's author trusts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are Sigma's")]
pub enum Status {
    Stable,
    Test,
    Experimental,
    Deprecated,
    Unsupported,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Stable, Self::Test, Self::Experimental, Self::Deprecated, Self::Unsupported];

    /// The name as rules write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Test => "test",
            Self::Experimental => "experimental",
            Self::Deprecated => "deprecated",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The keys that decide nothing about what a rule matches.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) status: Option<Status>,
    pub(crate) author: Option<Arc<str>>,
    pub(crate) date: Option<Arc<str>>,
    pub(crate) references: Vec<Arc<str>>,
    pub(crate) false_positives: Vec<Arc<str>>,
}

impl Metadata {
    pub(crate) fn read(reader: &mut Reader, map: Map<'_>) -> Self {
        if let Some(node) = map.get("modified") {
            date(reader, node, "`modified`");
        }
        taxonomy(reader, map);
        Self {
            status: map.get("status").and_then(|node| status(reader, node)),
            author: map.get("author").and_then(|node| reader.text(node, "`author`")).map(Arc::from),
            date: map.get("date").and_then(|node| date(reader, node, "`date`")),
            references: texts(reader, map, "references"),
            false_positives: one_or_more(reader, map, "falsepositives"),
        }
    }
}

fn texts(reader: &mut Reader, map: Map<'_>, key: &str) -> Vec<Arc<str>> {
    let what = format!("`{key}`");
    let Some(node) = map.get(key) else { return Vec::new() };
    reader.texts(node, &what).into_iter().map(|(_, text)| text.into()).collect()
}

/// Sigma takes one text for a list of one.
fn one_or_more(reader: &mut Reader, map: Map<'_>, key: &str) -> Vec<Arc<str>> {
    let scalar = map.get(key).filter(|node| node.as_scalar().is_some());
    match scalar {
        Some(node) => reader.text(node, &format!("`{key}`")).into_iter().map(Arc::from).collect(),
        None => texts(reader, map, key),
    }
}

/// The names of fields and categories are Sigma's own.
fn taxonomy(reader: &mut Reader, map: Map<'_>) {
    let Some(node) = map.get("taxonomy") else { return };
    let Some(name) = reader.text(node, "`taxonomy`").filter(|name| *name != "sigma") else { return };
    let what = format!("the taxonomy `{}`", short(name));
    reader.note(node.place, Fault::Unsupported { what, instead: "use Sigma's own names: `taxonomy: sigma`" });
}

fn status(reader: &mut Reader, node: &Node) -> Option<Status> {
    let name = reader.text(node, "`status`")?;
    let status = Status::ALL.into_iter().find(|status| status.name() == name);
    if let Some(status @ (Status::Deprecated | Status::Unsupported)) = status {
        reader.note(node.place, Fault::OutOfUse(status));
    }
    if status.is_none() {
        reader.expected(node, "`status`", "stable, test, experimental, deprecated or unsupported");
    }
    status
}

fn date(reader: &mut Reader, node: &Node, what: &str) -> Option<Arc<str>> {
    let text = reader.text(node, what)?;
    // Sigma 1 has slashes.
    let text = text.replace('/', "-");
    if !is_date(&text) {
        reader.expected(node, what, "a date, such as 2026-01-31");
        return None;
    }
    Some(text.into())
}

fn is_date(text: &str) -> bool {
    let number = |part: Option<&str>, digits: usize| {
        let part = part.filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<u32>().ok()
    };
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next(), 4), number(parts.next(), 2), number(parts.next(), 2));
    year.is_some()
        && month.is_some_and(|month| (1..=12).contains(&month))
        && day.is_some_and(|day| (1..=31).contains(&day))
        && parts.next().is_none()
}
