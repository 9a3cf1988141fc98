use std::sync::Arc;

use rampart_model::{Category, Field};

use crate::{
    Fault, Place, limit,
    placeholder::Placeholders,
    yaml::{Content, Entry, Node, ScalarKind},
};

/// Reads nodes as what they should be, and notes every fault instead of ending at the first.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    faults: Vec<(Place, Fault)>,
    placeholders: Arc<Placeholders>,
    // What was made of values so far, in bytes.
    spent: usize,
    category: Option<Category>,
}

/// The modifiers of one document have made of its values as much as they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Reader {
    /// A reader of rules that may name these placeholders.
    pub(crate) fn new(placeholders: Arc<Placeholders>) -> Self {
        Self { placeholders, ..Self::default() }
    }

    pub(crate) const fn placeholders(&self) -> &Arc<Placeholders> {
        &self.placeholders
    }

    /// What is read from here on is about events of a category, or about events of any.
    pub(crate) const fn about(&mut self, category: Option<Category>) {
        self.category = category;
    }

    /// The field of a name, as events of the category that it is about can have.
    pub(crate) fn field(&self, name: &str) -> Result<Field, Fault> {
        let field = Field::from_name(name)?;
        match self.category.filter(|category| !field.is_of(category.kind())) {
            Some(category) => Err(Fault::FieldOfOthers { field, category }),
            None => Ok(field),
        }
    }

    /// Asks for room for values that are made of others, before they are made.
    pub(crate) const fn spend(&mut self, values: usize, bytes: usize) -> Result<(), Exhausted> {
        /// What a value takes beside its text, about.
        const OVERHEAD: usize = 128;
        let spent = self.spent.saturating_add(values.saturating_mul(OVERHEAD)).saturating_add(bytes);
        if spent > limit::EXPANSION_BYTES {
            return Err(Exhausted);
        }
        self.spent = spent;
        Ok(())
    }

    /// What was wrong, in the order of the file.
    pub(crate) fn into_faults(mut self) -> Vec<(Place, Fault)> {
        self.faults.sort_by_key(|(place, _)| *place);
        self.faults
    }

    pub(crate) fn note(&mut self, place: Place, fault: impl Into<Fault>) {
        if self.faults.len() < limit::PROBLEMS_PER_FILE {
            self.faults.push((place, fault.into()));
        }
    }

    pub(crate) fn expected(&mut self, node: &Node, what: &str, expected: &'static str) {
        let found = node.as_scalar().filter(|scalar| !scalar.text.is_empty());
        let found =
            found.map_or_else(|| node.describe().to_owned(), |scalar| format!("`{}`", short(&scalar.text)));
        self.note(node.place, Fault::Expected { what: what.to_owned(), expected, found });
    }

    pub(crate) fn map<'n>(&mut self, node: &'n Node, what: &str) -> Option<Map<'n>> {
        let Content::Map(entries) = &node.content else {
            self.expected(node, what, "a map");
            return None;
        };
        Some(Map { place: node.place, entries })
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let Content::List(items) = &node.content else {
            self.expected(node, what, "a list");
            return &[];
        };
        items
    }

    /// Text that is not empty. Numbers and booleans are taken as they are written.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let scalar = node.as_scalar().filter(|scalar| scalar.kind != ScalarKind::Null);
        let text = scalar.map(|scalar| scalar.text.trim()).filter(|text| !text.is_empty());
        if text.is_none() {
            self.expected(node, what, "text");
        }
        text
    }

    pub(crate) fn texts<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n Node, &'n str)> {
        let items = self.list(node, what);
        items.iter().filter_map(|item| Some((item, self.text(item, what)?))).collect()
    }
}

/// A YAML map that is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Map<'n> {
    pub(crate) place: Place,
    pub(crate) entries: &'n [Entry],
}

impl<'n> Map<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(crate) fn require(
        &self,
        reader: &mut Reader,
        what: &'static str,
        key: &'static str,
    ) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() {
            reader.note(self.place, Fault::MissingKey { what, key });
        }
        node
    }

    pub(crate) fn require_text(
        &self,
        reader: &mut Reader,
        what: &'static str,
        key: &'static str,
    ) -> Option<(&'n Node, &'n str)> {
        let node = self.require(reader, what, key)?;
        Some((node, reader.text(node, &format!("`{key}`"))?))
    }

    pub(crate) fn only(&self, reader: &mut Reader, what: &'static str, known: &[&'static str]) {
        self.only_of(reader, what, &[known]);
    }

    /// Of several lists of keys.
    pub(crate) fn only_of(&self, reader: &mut Reader, what: &'static str, known: &[&[&'static str]]) {
        let is_known = |entry: &Entry| known.iter().any(|keys| keys.contains(&entry.key.as_str()));
        for entry in self.entries.iter().filter(|entry| !is_known(entry)) {
            let (key, known) = (short(&entry.key), known.concat());
            reader.note(entry.place, Fault::UnknownKey { what, key, known });
        }
    }
}

/// What of a file's text goes into a message.
pub(crate) fn short(text: &str) -> String {
    const CHARACTERS: usize = 80;
    let line: String = text.chars().take(CHARACTERS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(CHARACTERS).is_some() { line + "…" } else { line }
}
