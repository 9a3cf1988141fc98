//! The digests of all that is shipped.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::command;

const NAME: &str = "SHA256SUMS";

/// Writes the file that `sha256sum --check` takes, about every other file of `folder`.
pub(super) fn write(folder: &Path) -> Result<PathBuf> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name();
        if name != NAME {
            names.push(name);
        }
    }
    names.sort();
    let sums = command::capture(Command::new("sha256sum").args(&names).current_dir(folder))?;
    let path = folder.join(NAME);
    fs::write(&path, format!("{sums}\n")).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::command;
    use std::{fs, process::Command};

    #[test]
    fn every_file_has_a_line_and_a_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["one", "two"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        write(folder.path()).unwrap();
        let sums = fs::read_to_string(write(folder.path()).unwrap()).unwrap();
        assert_eq!(sums.lines().count(), 2, "{sums}");
        let check = || {
            command::capture(
                Command::new("sha256sum").args(["--check", "SHA256SUMS"]).current_dir(folder.path()),
            )
        };
        check().unwrap();
        fs::write(folder.path().join("two"), "three").unwrap();
        check().unwrap_err();
    }
}
