use std::sync::Arc;

use include_dir::{Dir, DirEntry, include_dir};

use super::{FileKind, PolicyFile, SourceFile, is_yaml};

/// The repository's `policies/` at the time of the build.
static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");

/// Every policy file in the binary, in the order of their paths.
pub(crate) fn read() -> Vec<PolicyFile> {
    let mut files: Vec<_> = files_in(&POLICIES).into_iter().filter_map(policy_file).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// The YAML files in the binary under a folder of `policies/`, in the order of their paths.
#[must_use]
pub fn embedded_files(folder: &str) -> Vec<SourceFile> {
    let files = POLICIES.get_dir(folder).map_or_else(Vec::new, files_in);
    let mut files: Vec<_> = files
        .into_iter()
        .filter(|file| is_yaml(file.path()))
        .map(|file| SourceFile { name: name(file), content: Ok(file.contents().to_vec()) })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn files_in<'d>(folder: &'d Dir<'d>) -> Vec<&'d include_dir::File<'d>> {
    let mut files = Vec::new();
    // The tree is as deep as it was in the repository.
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(folder) => folders.push(folder),
                DirEntry::File(file) => files.push(file),
            }
        }
    }
    files
}

fn policy_file(file: &include_dir::File<'_>) -> Option<PolicyFile> {
    let kind = FileKind::of(file.path())?;
    Some(PolicyFile { name: name(file), kind, content: Ok(file.contents().to_vec()) })
}

fn name(file: &include_dir::File<'_>) -> Arc<str> {
    format!("policies/{}", file.path().display()).into()
}
