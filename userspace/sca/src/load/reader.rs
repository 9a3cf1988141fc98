use std::{collections::HashSet, sync::Arc};

use rampart_policy::{
    Place,
    yaml::{Content, Entry, Node, ScalarKind},
};

use crate::{Effect, Fault, Problem, limit};

/// Reads nodes as what they should be, and notes every fault instead of ending at the first.
#[derive(Debug)]
pub(super) struct Reader {
    file: Arc<str>,
    problems: Vec<Problem>,
    // Whether the policy is left out, noted or not.
    refused: bool,
}

impl Reader {
    pub(super) const fn new(file: Arc<str>) -> Self {
        Self { file, problems: Vec::new(), refused: false }
    }

    pub(super) const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// What was wrong, in the order of the file, and whether the policy is left out.
    pub(super) fn finish(mut self) -> (Vec<Problem>, bool) {
        self.problems.sort_by_key(|problem| problem.place);
        (self.problems, self.refused)
    }

    pub(super) fn note(&mut self, place: Place, fault: impl Into<Fault>, effect: Effect) {
        self.refused |= effect == Effect::PolicyLeftOut;
        if self.problems.len() < limit::PROBLEMS_PER_FILE {
            let file = Arc::clone(&self.file);
            self.problems.push(Problem { file, place, fault: fault.into(), effect });
        }
    }

    pub(super) fn warn(&mut self, place: Place, fault: Fault) {
        self.note(place, fault, Effect::Kept);
    }

    pub(super) fn refuse(&mut self, place: Place, fault: impl Into<Fault>) {
        self.note(place, fault, Effect::PolicyLeftOut);
    }

    pub(super) fn refuse_expected(&mut self, node: &Node, what: &'static str, expected: &'static str) {
        self.refuse(node.place, misfit(node, what, expected));
    }

    pub(super) fn warn_expected(&mut self, node: &Node, what: &'static str, expected: &'static str) {
        self.warn(node.place, misfit(node, what, expected));
    }

    /// A map. Of a key that is there twice the first counts, as it does for Wazuh.
    pub(super) fn map<'n>(&mut self, node: &'n Node) -> Option<Map<'n>> {
        let Content::Map(entries) = &node.content else { return None };
        let mut keys = HashSet::new();
        for entry in entries.iter().filter(|entry| !keys.insert(entry.key.as_str())) {
            self.warn(entry.place, Fault::RepeatedKey(short(&entry.key)));
        }
        Some(Map { place: node.place, entries })
    }

    /// The texts of an optional list; what is none of it is told and left out.
    pub(super) fn strings<'n>(&mut self, node: &'n Node, what: &'static str) -> Vec<(&'n Node, Arc<str>)> {
        let Content::List(items) = &node.content else {
            self.warn_expected(node, what, "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match string(item) {
                Some(text) => texts.push((item, text.into())),
                None => self.warn_expected(item, what, "text, in quotes if it looks like a number"),
            }
        }
        texts
    }
}

/// A YAML map that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Map<'n> {
    pub(super) place: Place,
    pub(super) entries: &'n [Entry],
}

impl<'n> Map<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value of a key that must be there.
    pub(super) fn require(
        &self,
        reader: &mut Reader,
        what: &'static str,
        key: &'static str,
        effect: Effect,
    ) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() {
            reader.note(self.place, Fault::MissingKey { what, key }, effect);
        }
        node
    }

    /// The text of a key that must be there.
    pub(super) fn require_text(
        &self,
        reader: &mut Reader,
        what: &'static str,
        key: &'static str,
        effect: Effect,
    ) -> Option<Arc<str>> {
        let node = self.require(reader, what, key, effect)?;
        let text = string(node);
        if text.is_none() {
            reader.note(node.place, misfit(node, key, "text"), effect);
        }
        // A block's last line break is no part of what it says.
        text.map(|text| text.trim_end().into())
    }

    /// The text of a key that need not be there; what is no text is told and left out.
    pub(super) fn text(&self, reader: &mut Reader, key: &'static str) -> Option<Arc<str>> {
        let node = self.get(key)?;
        let text = string(node);
        if text.is_none() {
            reader.warn_expected(node, key, "text");
        }
        text.map(|text| text.trim_end().into())
    }

    pub(super) fn texts(&self, reader: &mut Reader, key: &'static str) -> Vec<Arc<str>> {
        let texts = self.get(key).map_or_else(Vec::new, |node| reader.strings(node, key));
        texts.into_iter().map(|(_, text)| text).collect()
    }

    /// Tells of keys that mean nothing.
    pub(super) fn only(&self, reader: &mut Reader, what: &'static str, known: &'static [&'static str]) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            reader.warn(entry.place, Fault::UnknownKey { what, key: short(&entry.key), known });
        }
    }
}

/// Text that is not empty. A number is none: Wazuh asks for the type.
pub(super) fn string(node: &Node) -> Option<&str> {
    let scalar = node.as_scalar().filter(|scalar| scalar.kind == ScalarKind::Text)?;
    (!scalar.text.is_empty()).then_some(scalar.text.as_str())
}

/// What a node is not.
pub(super) fn misfit(node: &Node, what: &'static str, expected: &'static str) -> Fault {
    let scalar = node.as_scalar().filter(|scalar| !scalar.text.is_empty());
    let found =
        scalar.map_or_else(|| node.describe().to_owned(), |scalar| format!("`{}`", short(&scalar.text)));
    Fault::Expected { what, expected, found }
}

/// What of a file's text goes into a message.
pub(crate) fn short(text: &str) -> String {
    const CHARACTERS: usize = 80;
    let line: String = text.chars().take(CHARACTERS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(CHARACTERS).is_some() { line + "…" } else { line }
}
