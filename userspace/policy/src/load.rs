use std::{
    collections::{HashMap, HashSet},
    path::Path,
    str,
    sync::Arc,
};

use crate::{
    Catalogue, Fault, Gravity, Mode, Origin, Place, Problem, Rule, RuleSet, SourceError,
    fault::Leniency,
    limit,
    reader::Reader,
    rule,
    source::{self, FileKind, PolicyFile},
    yaml,
};

/// What came of loading policies: what is good, and what was wrong with the rest.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The rules that are good.
    pub rules: RuleSet,
    /// What their tags refer to.
    pub catalogue: Catalogue,
    /// Everything that was wrong, in the order of the files.
    pub problems: Vec<Problem>,
    /// How many policy files there were, those that were refused included.
    pub files: usize,
}

impl Loaded {
    /// Whether anything was refused.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.gravity == Gravity::Error)
    }
}

/// Loads the policies in the binary. They are tested to be without a problem.
#[must_use]
pub fn embedded() -> Loaded {
    load(&source::read_embedded(), Mode::Strict)
}

/// Loads the policies under a folder.
///
/// # Errors
/// As [`load_paths`].
pub fn load_dir(folder: &Path, mode: Mode) -> Result<Loaded, SourceError> {
    load_paths(&[folder], mode)
}

/// Loads the policies under folders, or in single files, as one set.
///
/// Catalogues are those in the binary; one under `controls/` replaces the one of its name.
/// What is wrong with one file never keeps another from being loaded.
///
/// # Errors
/// [`SourceError`] for a folder that is not there or cannot be listed. All else is in [`Loaded::problems`].
pub fn load_paths(paths: &[impl AsRef<Path>], mode: Mode) -> Result<Loaded, SourceError> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(source::read_directory(path.as_ref())?);
    }
    let found = files.len();
    let own: HashSet<_> = files.iter().filter(|file| is_good_catalogue(file)).map(|file| file.kind).collect();
    let embedded = source::read_embedded().into_iter();
    files.extend(embedded.filter(|file| is_good_catalogue(file) && !own.contains(&file.kind)));
    Ok(Loaded { files: found, ..load(&files, mode) })
}

/// Reads the rules of one file's bytes; the name is for messages.
///
/// # Errors
/// Every [`Problem`], if there is an error among them.
pub fn parse_rules(
    name: &str,
    bytes: &[u8],
    catalogue: &Catalogue,
    mode: Mode,
) -> Result<Vec<Rule>, Vec<Problem>> {
    let mut load = Load { mode, problems: Vec::new() };
    let rules = load.rules(&name.into(), bytes, catalogue);
    let refused = load.problems.iter().any(|problem| problem.gravity == Gravity::Error);
    if refused { Err(load.problems) } else { Ok(rules) }
}

/// A catalogue that is no YAML says nothing that could replace what is in the binary.
fn is_good_catalogue(file: &PolicyFile) -> bool {
    let FileKind::Catalogue(_) = file.kind else { return false };
    let text = file.content.as_deref().ok().and_then(|bytes| str::from_utf8(bytes).ok());
    text.is_some_and(|text| yaml::parse(text).is_ok())
}

fn load(files: &[PolicyFile], mode: Mode) -> Loaded {
    let mut load = Load { mode, problems: Vec::new() };
    let catalogue = load.catalogue(files);
    let mut rules: Vec<Rule> = Vec::new();
    let mut taken: HashMap<Arc<str>, Origin> = HashMap::new();
    for file in files {
        let FileKind::Rules = file.kind else { continue };
        let Some(bytes) = load.content(file) else { continue };
        for rule in load.rules(&file.name, bytes, &catalogue) {
            let id = Arc::clone(&rule.reference.id);
            if let Some(first) = taken.get(&id) {
                let fault = Fault::DuplicateId { id: id.to_string(), first: first.to_string() };
                load.note(&rule.origin.file, rule.origin.place, fault);
                continue;
            }
            taken.insert(id, rule.origin.clone());
            rules.push(rule);
        }
    }
    load.problems.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
    let rules = RuleSet::new(rules, Vec::new(), Vec::new());
    Loaded { rules, catalogue, problems: load.problems, files: files.len() }
}

struct Load {
    mode: Mode,
    problems: Vec<Problem>,
}

impl Load {
    fn note(&mut self, file: &Arc<str>, place: Place, fault: Fault) {
        let gravity = match (self.mode, fault.leniency()) {
            (Mode::Strict, _) | (Mode::Lenient, Leniency::Refuse) => Gravity::Error,
            (Mode::Lenient, Leniency::LeaveOut | Leniency::Keep) => Gravity::Warning,
            (Mode::Lenient, Leniency::Ignore) => return,
        };
        self.problems.push(Problem { file: Arc::clone(file), place, gravity, fault });
    }

    fn content<'f>(&mut self, file: &'f PolicyFile) -> Option<&'f [u8]> {
        match &file.content {
            Ok(bytes) => Some(bytes),
            Err(fault) => {
                self.note(&file.name, Place::START, fault.clone());
                None
            }
        }
    }

    fn documents(&mut self, name: &Arc<str>, bytes: &[u8]) -> Vec<yaml::Node> {
        // Callers of `parse_rules` have no file whose size was looked at.
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

    fn rules(&mut self, name: &Arc<str>, bytes: &[u8], catalogue: &Catalogue) -> Vec<Rule> {
        let mut rules = Vec::new();
        for document in self.documents(name, bytes) {
            let mut reader = Reader::default();
            let rule = rule::read(&mut reader, name, &document, catalogue);
            let faults = reader.into_faults();
            let decisive = |leniency| matches!(leniency, Leniency::Refuse | Leniency::LeaveOut);
            let refused = match self.mode {
                Mode::Strict => !faults.is_empty(),
                Mode::Lenient => faults.iter().any(|(_, fault)| decisive(fault.leniency())),
            };
            rules.extend(rule.filter(|_| !refused));
            for (place, fault) in faults {
                self.note(name, place, fault);
            }
        }
        rules
    }

    fn catalogue(&mut self, files: &[PolicyFile]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        let mut ordered: Vec<_> = files.iter().filter(|file| file.kind != FileKind::Rules).collect();
        // Techniques refer to controls.
        ordered.sort_by_key(|file| file.kind);
        for file in ordered {
            let FileKind::Catalogue(kind) = file.kind else {
                self.note(&file.name, Place::START, Fault::StrayCatalogue);
                continue;
            };
            let Some(bytes) = self.content(file) else { continue };
            for document in self.documents(&file.name, bytes) {
                let mut reader = Reader::default();
                kind.read(&mut catalogue, &mut reader, &document);
                for (place, fault) in reader.into_faults() {
                    self.note(&file.name, place, fault);
                }
            }
        }
        catalogue
    }
}
