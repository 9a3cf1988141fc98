mod assembly;
mod builtin;
mod collection;
mod order;
mod state;

use std::{collections::HashSet, path::Path, str};

use self::{assembly::Assembly, state::Load};
use crate::{
    Catalogue, Gravity, Mode, Problem, Rule, RuleSet, SourceError,
    source::{self, FileKind, PolicyFile},
    yaml,
};

/// In place of a folder: the policies in the binary. A folder of that name is `./builtin`.
pub const BUILTIN: &str = "builtin";

/// What came of loading policies: what is good, and what was wrong with the rest.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// What is good: rules, correlations and exceptions.
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
    let mut files = source::read_embedded();
    let found = files.len();
    files.retain(|file| !is_catalogue(file));
    Loaded { files: found, ..load(&files, Mode::Strict) }
}

/// The catalogues in the binary. They are tested to be without a problem.
#[must_use]
pub fn embedded_catalogue() -> &'static Catalogue {
    &builtin::catalogue().0
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
/// [`BUILTIN`] stands for the policies in the binary. Catalogues are those in the binary in any case; one under `controls/`
/// replaces the one of its name.
/// What is wrong with one file never keeps another from being loaded.
///
/// # Errors
/// [`SourceError`] for a folder that is not there or cannot be listed. All else is in [`Loaded::problems`].
pub fn load_paths(paths: &[impl AsRef<Path>], mode: Mode) -> Result<Loaded, SourceError> {
    let mut files = Vec::new();
    let mut builtin = false;
    for path in paths.iter().map(AsRef::as_ref) {
        if path == Path::new(BUILTIN) {
            builtin = true;
        } else {
            files.extend(source::read_directory(path)?);
        }
    }
    if builtin {
        files.extend(source::read_embedded().into_iter().filter(|file| !is_catalogue(file)));
    }
    let found = files.len();
    if files.iter().any(is_catalogue) {
        let own: HashSet<_> =
            files.iter().filter(|file| is_good_catalogue(file)).map(|file| file.kind).collect();
        let embedded = source::read_embedded().into_iter();
        files.extend(embedded.filter(|file| is_catalogue(file) && !own.contains(&file.kind)));
    }
    Ok(Loaded { files: found, ..load(&files, mode) })
}

/// Reads the rules of one file's bytes; the name is for messages. What the file holds beside rules is looked at, too.
///
/// # Errors
/// Every [`Problem`], if there is an error among them.
pub fn parse_rules(
    name: &str,
    bytes: &[u8],
    catalogue: &Catalogue,
    mode: Mode,
) -> Result<Vec<Rule>, Vec<Problem>> {
    parse_file(name, FileKind::Rules, bytes, catalogue, mode).map(|assembly| assembly.rules)
}

/// Reads one file's bytes as a set of its own: rules, correlations and exceptions. What kind of file it is, its name says
/// as in a folder; a catalogue is none of these.
///
/// # Errors
/// Every [`Problem`], if there is an error among them.
pub fn parse(name: &str, bytes: &[u8], catalogue: &Catalogue, mode: Mode) -> Result<RuleSet, Vec<Problem>> {
    let kind = FileKind::of(Path::new(name)).unwrap_or(FileKind::Rules);
    parse_file(name, kind, bytes, catalogue, mode).map(Assembly::into_set)
}

fn parse_file(
    name: &str,
    kind: FileKind,
    bytes: &[u8],
    catalogue: &Catalogue,
    mode: Mode,
) -> Result<Assembly, Vec<Problem>> {
    let mut load = Load::new(mode);
    let documents = if kind == FileKind::Placeholders {
        load.add_placeholders(&name.into(), bytes);
        load.complete_placeholders();
        Vec::new()
    } else {
        load.documents(&name.into(), kind, bytes, catalogue)
    };
    let assembly = assembly::assemble(&mut load, documents);
    let refused = load.problems.iter().any(|problem| problem.gravity == Gravity::Error);
    if refused { Err(load.problems) } else { Ok(assembly) }
}

const fn is_catalogue(file: &PolicyFile) -> bool {
    matches!(file.kind, FileKind::Catalogue(_))
}

/// A catalogue that is no YAML says nothing that could replace what is in the binary.
fn is_good_catalogue(file: &PolicyFile) -> bool {
    let text = file.content.as_deref().ok().and_then(|bytes| str::from_utf8(bytes).ok());
    is_catalogue(file) && text.is_some_and(|text| yaml::parse(text).is_ok())
}

fn load(files: &[PolicyFile], mode: Mode) -> Loaded {
    let mut load = Load::new(mode);
    let mut catalogue = load.catalogue(files);
    if !files.iter().any(is_catalogue) {
        let (builtin, problems) = builtin::catalogue();
        catalogue.clone_from(builtin);
        load.problems.extend_from_slice(problems);
    }
    for file in files.iter().filter(|file| file.kind == FileKind::Placeholders) {
        let Some(bytes) = load.content(file) else { continue };
        load.add_placeholders(&file.name, bytes);
    }
    load.complete_placeholders();
    let mut documents = Vec::new();
    for file in files.iter().filter(|file| matches!(file.kind, FileKind::Rules | FileKind::Exceptions)) {
        let Some(bytes) = load.content(file) else { continue };
        documents.extend(load.documents(&file.name, file.kind, bytes, &catalogue));
    }
    let rules = assembly::assemble(&mut load, documents).into_set();
    load.problems.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
    // What rules have of one `action: global` is wrong with it once.
    load.problems.dedup();
    Loaded { rules, catalogue, problems: load.problems, files: files.len() }
}
