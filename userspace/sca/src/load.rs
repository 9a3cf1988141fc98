//! Policies from files, from folders and from the binary.

mod check;
mod document;
mod patterns;
mod reader;
mod rules;
mod variables;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use rampart_policy::{
    BUILTIN, Catalogue, Gravity, Mode, SourceError, SourceFile, embedded_files, yaml_files,
};

use self::{document::Draft, reader::Reader};
pub(crate) use self::{patterns::Patterns, reader::short, variables::Variables};
use crate::{Effect, Fault, Policy, Problem, limit};

/// The folder of SCA policies among other policies.
const FOLDER: &str = "sca";

/// What came of loading policies: what is good, and what was wrong with the rest.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The policies, in the order of their files.
    pub policies: Vec<Policy>,
    /// Everything that was wrong, in the order of the files.
    pub problems: Vec<Problem>,
    /// How many files there were, those that were left out included.
    pub files: usize,
}

impl Loaded {
    /// Whether anything was left out.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.gravity() == Gravity::Error)
    }
}

/// What came of reading one policy.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The policy, without the checks that were left out; none if it was left out as a whole.
    pub policy: Option<Policy>,
    /// Everything that was wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

/// Loads the policies in the binary. They are tested to be without a problem.
#[must_use]
pub fn embedded() -> Loaded {
    // What a strict look would find is known to be right, and reading the catalogues takes longer than reading the policies.
    load(embedded_files(FOLDER), &Catalogue::default(), Mode::Lenient)
}

/// Loads policies from files and folders, as Wazuh's agent would: what it leaves out is left out here.
///
/// [`BUILTIN`] stands for the policies in the binary, `builtin/NAME` for one of them. In a folder every YAML file is a policy; a folder that has a folder
/// `sca`, as one with rules and catalogues has, stands for that one. Of two policies or checks with the same id the first
/// counts, and the later policy is left out.
///
/// [`Mode::Strict`] is for policies of ours: it tells of keys that nobody reads, and leaves out checks that name controls
/// which the catalogue does not have. [`Mode::Lenient`] does not ask the catalogue.
///
/// # Errors
/// [`SourceError`] for what is not there or cannot be listed. All else is in [`Loaded::problems`].
pub fn load_paths(
    paths: &[impl AsRef<Path>],
    catalogue: &Catalogue,
    mode: Mode,
) -> Result<Loaded, SourceError> {
    let mut files = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        if path == Path::new(BUILTIN) {
            files.extend(embedded_files(FOLDER));
        } else if let Ok(name) = path.strip_prefix(BUILTIN) {
            files.extend(named(name).ok_or_else(|| unknown(path))?);
        } else {
            files.extend(yaml_files(&policy_folder(path), limit::FILE_BYTES)?);
        }
    }
    Ok(load(files, catalogue, mode))
}

/// Reads one policy; the name is for messages.
#[must_use]
pub fn parse(name: &str, bytes: &[u8], catalogue: &Catalogue, mode: Mode) -> Parsed {
    let mut reader = Reader::new(name.into());
    let draft = document::read(&mut reader, bytes, catalogue, mode);
    let (problems, refused) = reader.finish();
    Parsed { policy: draft.filter(|_| !refused).map(|draft| draft.policy), problems }
}

/// The policy in the binary whose file has this name, with or without its extension.
fn named(name: &Path) -> Option<Vec<SourceFile>> {
    let name = name.to_str()?;
    let is_named = |file: &SourceFile| {
        let path = Path::new(&*file.name);
        [path.file_name(), path.file_stem()].contains(&Some(name.as_ref()))
    };
    let found: Vec<_> = embedded_files(FOLDER).into_iter().filter(is_named).collect();
    (!found.is_empty()).then_some(found)
}

fn unknown(path: &Path) -> SourceError {
    let error = std::io::Error::new(std::io::ErrorKind::NotFound, "no policy in the binary has this name");
    SourceError { path: path.display().to_string(), error }
}

fn policy_folder(path: &Path) -> PathBuf {
    let inner = path.join(FOLDER);
    if inner.is_dir() { inner } else { path.to_owned() }
}

fn load(files: Vec<SourceFile>, catalogue: &Catalogue, mode: Mode) -> Loaded {
    let mut loaded = Loaded { files: files.len(), ..Loaded::default() };
    let mut taken = Taken::default();
    for SourceFile { name, content } in files {
        let mut reader = Reader::new(name);
        let draft = match content {
            Ok(bytes) => document::read(&mut reader, &bytes, catalogue, mode),
            Err(fault) => {
                reader.refuse(rampart_policy::Place::START, fault);
                None
            }
        };
        if let Some(draft) = &draft {
            taken.refuse_known(&mut reader, draft);
        }
        let (problems, refused) = reader.finish();
        loaded.problems.extend(problems);
        if let Some(Draft { policy, ids, .. }) = draft.filter(|_| !refused) {
            taken.policies.insert(Arc::clone(&policy.id), Arc::clone(&policy.origin));
            let origin = &policy.origin;
            taken.checks.extend(ids.iter().map(|(id, place)| (*id, format!("{origin}:{place}"))));
            loaded.policies.push(policy);
        }
    }
    loaded
}

/// The ids that are used already, and where.
#[derive(Debug, Default)]
struct Taken {
    policies: HashMap<Arc<str>, Arc<str>>,
    checks: HashMap<u32, String>,
}

impl Taken {
    fn refuse_known(&self, reader: &mut Reader, draft: &Draft) {
        if let Some(first) = self.policies.get(&draft.policy.id) {
            let (id, first) = (draft.policy.id.to_string(), first.to_string());
            // Its checks are the other's as well.
            return reader.note(draft.place, Fault::DuplicatePolicy { id, first }, Effect::PolicyLeftOut);
        }
        for (id, place) in &draft.ids {
            if let Some(first) = self.checks.get(id) {
                reader.refuse(*place, Fault::DuplicateCheck { id: *id, first: first.clone() });
            }
        }
    }
}
