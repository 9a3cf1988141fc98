//! Small trees for the rules' own tests, written to disk and read back as the real one is.

use std::{collections::BTreeMap, fs};

use super::{Fault, Rule, tree::Tree};

/// The files of a tree, by path.
pub(super) struct Fake {
    files: BTreeMap<String, String>,
}

impl Fake {
    pub(super) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// A crate as the rules want it, with `more` at the end of its manifest.
    pub(super) fn package(self, folder: &str, name: &str, more: &str) -> Self {
        let manifest = format!(
            "[package]\nname = \"{name}\"\ndescription = \"A small crate for a test.\"\n\
             edition.workspace = true\npublish.workspace = true\nrust-version.workspace = true\n\
             version.workspace = true\n\n[lints]\nworkspace = true\n\n{more}"
        );
        let root = "//! A crate.\n\n#![forbid(unsafe_code)]\n";
        self.file(&format!("{folder}/Cargo.toml"), &manifest).file(&format!("{folder}/src/lib.rs"), root)
    }

    pub(super) fn read(&self) -> Tree {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in &self.files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Tree::read(root.path()).unwrap()
    }
}

/// A tree that no rule complains about.
pub(super) fn tidy() -> Fake {
    Fake { files: BTreeMap::new() }.file("Cargo.toml", "[workspace]\nmembers = [\"userspace/*\"]\n").package(
        "userspace/model",
        "rampart-model",
        "",
    )
}

/// What one rule says about a tree.
pub(super) fn found(rule: Rule, fake: &Fake) -> Vec<String> {
    let mut faults: Vec<Fault> = Vec::new();
    rule(&fake.read(), &mut faults);
    faults.iter().map(ToString::to_string).collect()
}
