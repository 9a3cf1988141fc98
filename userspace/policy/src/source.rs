//! Where policy files come from: a folder, or the binary itself.

mod directory;
mod embedded;

use std::{path::Path, sync::Arc};

pub(crate) use self::{directory::read as read_directory, embedded::read as read_embedded};
pub use self::{directory::yaml_files, embedded::embedded_files};
use crate::{Fault, catalogue::CatalogueFile};

/// Why a folder cannot be looked into at all.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot be opened")]
pub struct SourceError {
    /// What was asked for.
    pub path: String,
    /// What the operating system says.
    #[source]
    pub error: std::io::Error,
}

/// A YAML file for whoever knows what it is about.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// For messages: its path as it was asked for.
    pub name: Arc<str>,
    /// Its bytes, or why there are none.
    pub content: Result<Vec<u8>, Fault>,
}

/// The folders whose files are no rules.
const FOLDERS: &[&str] = &["controls", "sca", "exceptions", "placeholders"];

/// What a policy file is, by where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FileKind {
    /// A control catalogue: `controls/<framework>.yml`, `controls/attack.yml`.
    Catalogue(CatalogueFile),
    /// A file under `controls` that is neither.
    StrayCatalogue,
    /// Exceptions: everything under `exceptions`.
    Exceptions,
    /// Values that rules name: everything under `placeholders`.
    Placeholders,
    /// Sigma rules, correlations and filters: everywhere else.
    Rules,
}

/// A policy file, read or not readable.
#[derive(Debug)]
pub(crate) struct PolicyFile {
    /// For messages.
    pub(crate) name: Arc<str>,
    pub(crate) kind: FileKind,
    pub(crate) content: Result<Vec<u8>, Fault>,
}

impl FileKind {
    pub(crate) const fn is_catalogue(self) -> bool {
        matches!(self, Self::Catalogue(_) | Self::StrayCatalogue)
    }

    /// None for a file that is none of these, such as a README or an SCA policy.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        if !is_yaml(path) {
            return None;
        }
        let mut folders = path.parent()?.components().filter_map(|folder| folder.as_os_str().to_str());
        match folders.find(|folder| FOLDERS.contains(folder)) {
            Some("controls") => {
                let file = path.file_stem()?.to_str().and_then(CatalogueFile::from_stem);
                Some(file.map_or(Self::StrayCatalogue, Self::Catalogue))
            }
            Some("exceptions") => Some(Self::Exceptions),
            Some("placeholders") => Some(Self::Placeholders),
            Some(_) => None,
            None => Some(Self::Rules),
        }
    }
}

/// As its name says.
fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

/// Names that begin with a dot are editors' and `ConfigMap` volumes' own.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}
