//! The standard library's sources, from which `-Zbuild-std=core` makes `core` for the BPF target.

mod debian;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{Need, Way};
use crate::{command, workspace::Workspace};

/// The sources of exactly one release, in the compiler's own folder.
pub(super) struct LibrarySource {
    release: String,
    folder: PathBuf,
    scratch: PathBuf,
}

impl LibrarySource {
    pub(super) fn new(workspace: &Workspace, release: &str) -> Result<Self> {
        let sysroot = command::capture(Command::new("rustc").args(["--print", "sysroot"]))?;
        Ok(Self {
            release: release.to_owned(),
            folder: Path::new(&sysroot).join("lib/rustlib/src/rust"),
            scratch: workspace.tools().join("rust-src"),
        })
    }

    fn library(&self) -> PathBuf {
        self.folder.join("library")
    }

    /// Says which release was copied here. rustup replaces a compiler without knowing of the copy, so a copy
    /// without this check would outlive its compiler.
    fn stamp(&self) -> PathBuf {
        self.folder.join("library.release")
    }

    fn add_by_rustup(&self) -> Result<()> {
        let arguments = ["component", "add", "rust-src", "--toolchain", self.release.as_str()];
        command::logged(Command::new("rustup").args(arguments), &self.scratch.join("rustup.log"))
    }

    fn copy_from_debian(&self) -> Result<()> {
        let sources = debian::fetch(&self.scratch, &self.release)?;
        let library = self.library();
        if library.exists() {
            fs::remove_dir_all(&library).with_context(|| format!("cannot replace {}", library.display()))?;
        }
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        // The stamp comes last, so that an interrupted copy does not pass for a whole one.
        fs::write(self.stamp(), "incomplete\n").context("cannot write to the compiler's folder")?;
        command::capture(Command::new("cp").arg("-r").arg(&sources).arg(&library))?;
        fs::write(self.stamp(), format!("{}\n", self.release))?;
        fs::remove_dir_all(&self.scratch).context("cannot remove the unpacked package")
    }
}

impl Need for LibrarySource {
    fn name(&self) -> String {
        format!("library sources {}", self.release)
    }

    fn detect(&self) -> Result<String> {
        let library = self.library();
        for part in ["Cargo.lock", "core/src/lib.rs", "compiler-builtins"] {
            if !library.join(part).exists() {
                bail!("no {part} in {}", library.display());
            }
        }
        match fs::read_to_string(self.stamp()) {
            Ok(release) if release.trim() != self.release => bail!("found those of {}", release.trim()),
            _ => Ok(String::new()),
        }
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![
            Way::new("rustup component add rust-src", || self.add_by_rustup()),
            Way::new("Debian's package rust-src", || self.copy_from_debian()),
        ]
    }

    fn by_hand(&self) -> String {
        format!(
            "put the folder `library` of the source of Rust {} at {}",
            self.release,
            self.library().display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{LibrarySource, Need};
    use std::{fs, path::Path};

    fn source(folder: &Path) -> LibrarySource {
        LibrarySource {
            release: "1.95.0".to_owned(),
            folder: folder.to_owned(),
            scratch: folder.join("scratch"),
        }
    }

    fn unpack(folder: &Path) {
        fs::create_dir_all(folder.join("library/core/src")).unwrap();
        fs::create_dir_all(folder.join("library/compiler-builtins")).unwrap();
        fs::write(folder.join("library/Cargo.lock"), "").unwrap();
        fs::write(folder.join("library/core/src/lib.rs"), "").unwrap();
    }

    #[test]
    fn an_empty_folder_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        assert!(source(folder.path()).detect().unwrap_err().to_string().contains("Cargo.lock"));
    }

    #[test]
    fn a_copy_of_another_release_is_told_from_the_right_one() {
        let folder = tempfile::tempdir().unwrap();
        unpack(folder.path());
        source(folder.path()).detect().unwrap();
        fs::write(folder.path().join("library.release"), "1.94.0\n").unwrap();
        assert!(source(folder.path()).detect().unwrap_err().to_string().contains("1.94.0"));
        fs::write(folder.path().join("library.release"), "1.95.0\n").unwrap();
        source(folder.path()).detect().unwrap();
    }
}
