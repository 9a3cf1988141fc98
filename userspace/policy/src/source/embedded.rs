use include_dir::{Dir, DirEntry, include_dir};

use super::{FileKind, PolicyFile};

/// The repository's `policies/` at the time of the build.
static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");

/// Every policy file in the binary, in the order of their paths.
pub(crate) fn read() -> Vec<PolicyFile> {
    let mut files = Vec::new();
    // The tree is as deep as it was in the repository.
    let mut folders = vec![&POLICIES];
    while let Some(folder) = folders.pop() {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(folder) => folders.push(folder),
                DirEntry::File(file) => files.extend(policy_file(file)),
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn policy_file(file: &include_dir::File<'_>) -> Option<PolicyFile> {
    let kind = FileKind::of(file.path())?;
    let name = format!("policies/{}", file.path().display()).into();
    Some(PolicyFile { name, kind, content: Ok(file.contents().to_vec()) })
}
