use std::{
    collections::{HashMap, hash_map::Entry},
    str,
    sync::Arc,
};

use super::{
    assembly::{Document, Draft},
    collection,
};
use crate::{
    Catalogue, Fault, Gravity, Mode, Origin, Place, Problem, correlation, exception,
    fault::Leniency,
    limit,
    placeholder::{Addition, Placeholders, is_addition},
    reader::{Reader, short},
    rule::{self, Identity},
    source::{FileKind, PolicyFile},
    yaml::{self, Content, Node},
};

/// Policies on their way in, and what was wrong with them so far.
pub(super) struct Load {
    pub(super) problems: Vec<Problem>,
    mode: Mode,
    placeholders: Arc<Placeholders>,
    /// What is to be added to them when all are known, and the files that say so.
    additions: Vec<(Arc<str>, Addition)>,
    /// Where each of them stands.
    named: HashMap<String, Origin>,
}

impl Load {
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            problems: Vec::new(),
            mode,
            placeholders: Arc::default(),
            additions: Vec::new(),
            named: HashMap::new(),
        }
    }

    pub(super) fn note(&mut self, file: &Arc<str>, place: Place, fault: Fault) {
        let gravity = match (self.mode, fault.leniency()) {
            (Mode::Strict, _) | (Mode::Lenient, Leniency::Refuse) => Gravity::Error,
            (Mode::Lenient, Leniency::LeaveOut | Leniency::Keep) => Gravity::Warning,
            (Mode::Lenient, Leniency::Ignore) => return,
        };
        self.problems.push(Problem { file: Arc::clone(file), place, gravity, fault });
    }

    /// Notes what is wrong with something, and gives it back if that does not refuse it.
    pub(super) fn accept<T>(
        &mut self,
        file: &Arc<str>,
        faults: Vec<(Place, Fault)>,
        value: Option<T>,
    ) -> Option<T> {
        let decisive = |leniency| matches!(leniency, Leniency::Refuse | Leniency::LeaveOut);
        let refused = match self.mode {
            Mode::Strict => !faults.is_empty(),
            Mode::Lenient => faults.iter().any(|(_, fault)| decisive(fault.leniency())),
        };
        for (place, fault) in faults {
            self.note(file, place, fault);
        }
        value.filter(|_| !refused)
    }

    pub(super) fn content<'f>(&mut self, file: &'f PolicyFile) -> Option<&'f [u8]> {
        match &file.content {
            Ok(bytes) => Some(bytes),
            Err(fault) => {
                self.note(&file.name, Place::START, fault.clone());
                None
            }
        }
    }

    /// The documents of a file as they stand there.
    fn nodes(&mut self, name: &Arc<str>, bytes: &[u8]) -> Vec<Node> {
        // Not every caller has a file whose size was looked at.
        if bytes.len() as u64 > limit::FILE_BYTES {
            let fault = Fault::TooMuch { what: "the file's size in bytes", bound: limit::FILE_BYTES };
            self.note(name, Place::START, fault);
            return Vec::new();
        }
        let Ok(text) = str::from_utf8(bytes) else {
            self.note(name, Place::START, Fault::NotText);
            return Vec::new();
        };
        yaml::parse(text).unwrap_or_else(|error| {
            self.note(name, error.place, error.into());
            Vec::new()
        })
    }

    /// The rules, correlations and exceptions of a file, good or not.
    pub(super) fn documents(
        &mut self,
        name: &Arc<str>,
        kind: FileKind,
        bytes: &[u8],
        catalogue: &Catalogue,
    ) -> Vec<Document> {
        let nodes = self.nodes(name, bytes);
        let reader = || Reader::new(Arc::clone(&self.placeholders));
        if kind == FileKind::Exceptions {
            return nodes.iter().map(|node| exception(reader(), name, node)).collect();
        }
        let mut collecting = Reader::default();
        let nodes = collection::expand(&mut collecting, nodes);
        let documents = nodes.iter().map(|node| document(reader(), name, node, catalogue)).collect();
        self.note_all(name, collecting);
        documents
    }

    /// Adds a file's placeholders to those of all rules that are read from then on.
    pub(super) fn add_placeholders(&mut self, name: &Arc<str>, bytes: &[u8]) {
        for mut node in self.nodes(name, bytes) {
            let mut reader = Reader::default();
            self.leave_out_named(&mut reader, name, &mut node);
            let (placeholders, additions) = Placeholders::read(&mut reader, &node);
            Arc::make_mut(&mut self.placeholders).merge(placeholders);
            self.additions.extend(additions.into_iter().map(|addition| (Arc::clone(name), addition)));
            self.note_all(name, reader);
        }
    }

    /// Ends the reading of placeholders: a list and what is added to it may stand in any order.
    pub(super) fn complete_placeholders(&mut self) {
        for (file, addition) in std::mem::take(&mut self.additions) {
            let place = addition.place;
            if let Err(fault) = Arc::make_mut(&mut self.placeholders).add(addition) {
                self.note(&file, place, fault);
            }
        }
    }

    /// Which of two lists of one name a rule means, nobody can say.
    fn leave_out_named(&mut self, reader: &mut Reader, file: &Arc<str>, node: &mut Node) {
        let Content::Map(entries) = &mut node.content else { return };
        entries.retain(|entry| match self.named.entry(entry.key.clone()) {
            _ if is_addition(&entry.key) => true,
            Entry::Vacant(free) => {
                free.insert(Origin { file: Arc::clone(file), place: entry.place });
                true
            }
            Entry::Occupied(taken) => {
                let (name, first) = (short(&entry.key), taken.get().to_string());
                reader.note(entry.place, Fault::DuplicateName { name, first });
                false
            }
        });
    }

    fn note_all(&mut self, file: &Arc<str>, reader: Reader) {
        for (place, fault) in reader.into_faults() {
            self.note(file, place, fault);
        }
    }

    pub(super) fn catalogue(&mut self, files: &[PolicyFile]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        let mut ordered: Vec<_> = files.iter().filter(|file| file.kind.is_catalogue()).collect();
        // Techniques refer to controls.
        ordered.sort_by_key(|file| file.kind);
        for file in ordered {
            let FileKind::Catalogue(kind) = file.kind else {
                self.note(&file.name, Place::START, Fault::StrayCatalogue);
                continue;
            };
            let Some(bytes) = self.content(file) else { continue };
            for document in self.nodes(&file.name, bytes) {
                let mut reader = Reader::default();
                kind.read(&mut catalogue, &mut reader, &document);
                self.note_all(&file.name, reader);
            }
        }
        catalogue
    }
}

fn document(mut reader: Reader, file: &Arc<str>, node: &Node, catalogue: &Catalogue) -> Document {
    let mut unsaid = Vec::new();
    let draft = if has(node, "correlation") {
        correlation::read(&mut reader, &mut unsaid, file, node, catalogue)
            .map(|draft| Draft::Correlation(draft.into()))
    } else if has(node, "filter") {
        exception::read_filter(&mut reader, file, node).map(Draft::Exception)
    } else {
        rule::read(&mut reader, &mut unsaid, file, node, catalogue).map(Draft::Rule)
    };
    Document { unsaid, feeds: correlation::feeds(node), ..blank(file, node, reader, draft) }
}

fn exception(mut reader: Reader, file: &Arc<str>, node: &Node) -> Document {
    let draft = exception::read(&mut reader, file, node).map(Draft::Exception);
    blank(file, node, reader, draft)
}

fn blank(file: &Arc<str>, node: &Node, reader: Reader, draft: Option<Draft>) -> Document {
    Document {
        origin: Origin { file: Arc::clone(file), place: node.place },
        identity: Identity::of(node),
        faults: reader.into_faults(),
        unsaid: Vec::new(),
        feeds: None,
        draft,
    }
}

fn has(document: &Node, key: &str) -> bool {
    matches!(&document.content, Content::Map(entries) if entries.iter().any(|entry| entry.key == key))
}
