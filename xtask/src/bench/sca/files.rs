//! A policy of checks of files only, made of the files that are here: what the engine takes by itself, without commands.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::{self, DirEntry},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// How many checks it has.
pub(super) const CHECKS: usize = 200;

/// Their ids begin here.
const FIRST: usize = 100_000;

/// A policy, and what is in it.
#[derive(Debug)]
pub(super) struct FilePolicy {
    pub(super) text: String,
    pub(super) rules: usize,
    /// Different files and folders that rules name.
    pub(super) subjects: usize,
}

/// Checks of one to three rules on files and folders of `etc`. No two patterns are the same.
pub(super) fn policy(etc: &Path) -> Result<FilePolicy> {
    let found = Found::below(etc)?;
    if found.files.is_empty() || found.folders.is_empty() {
        bail!("{} has no files and folders to make checks of", etc.display());
    }
    let mut text = String::from(
        "policy: {id: bench_files, name: Files only, file: files.yml, description: Files only.}\nchecks:\n",
    );
    let (mut rules, mut named) = (0, BTreeSet::new());
    for check in 0..CHECKS {
        let of_check = (0..=check % 3).map(|_| {
            let (path, rule) = found.rule(rules);
            rules += 1;
            named.insert(path);
            // A JSON string is a YAML string.
            serde_json::to_string(&rule)
        });
        let of_check = of_check.collect::<Result<Vec<_>, _>>()?.join(", ");
        let (id, condition) = (FIRST + check, if check % 2 == 0 { "all" } else { "any" });
        writeln!(
            text,
            "  - {{id: {id}, title: Check {check}, condition: {condition}, rules: [{of_check}]}}"
        )?;
    }
    Ok(FilePolicy { text, rules, subjects: named.len() })
}

/// What is there.
struct Found {
    files: Vec<String>,
    folders: Vec<String>,
}

impl Found {
    /// Files of `etc` and of its folders, and these folders, in the order of their names.
    fn below(etc: &Path) -> Result<Self> {
        let (mut files, folders) = entries(etc)?;
        for folder in &folders {
            files.extend(entries(folder)?.0);
        }
        let texts = |paths: Vec<PathBuf>| {
            let mut texts: Vec<String> = paths.iter().filter_map(|path| name(path)).collect();
            texts.sort_unstable();
            texts
        };
        Ok(Self { files: texts(files), folders: texts(folders) })
    }

    /// The rule with that number, and what it is about: of five, one asks whether a file is there, two read a file to its end,
    /// one reads it up to a line with a small enough number, and one reads the files of a folder.
    fn rule(&self, number: usize) -> (&str, String) {
        let of = |paths: &'_ [String]| number % paths.len().max(1);
        let file = self.files.get(of(&self.files)).map_or("", String::as_str);
        let folder = self.folders.get(of(&self.folders)).map_or("", String::as_str);
        match number % 5 {
            0 => (file, format!("f:{file}")),
            1 => (file, format!(r"not f:{file} -> r:^\s*bench{number}\s*=\s*\w+")),
            2 => (file, format!(r"f:{file} -> !r:^# && r:bench{number}|^{number}\t\d+")),
            3 => (file, format!(r"f:{file} -> n:^\s*\w+\s+(\d+) compare <= {number}")),
            _ => (folder, format!(r"not d:{folder} -> r:\.conf$ -> r:^bench{number}\s")),
        }
    }
}

/// Files and folders in a folder; links are left out.
fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let read = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let all = read.collect::<Result<Vec<DirEntry>, _>>()?;
    let of = |wanted: fn(&fs::FileType) -> bool| {
        let kind = |entry: &&DirEntry| entry.file_type().is_ok_and(|kind| wanted(&kind));
        all.iter().filter(kind).map(DirEntry::path).collect()
    };
    Ok((of(fs::FileType::is_file), of(fs::FileType::is_dir)))
}

/// Names that a rule can hold as they are.
fn name(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+@".contains(letter);
    text.chars().all(is_plain).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{CHECKS, policy};
    use std::fs;

    #[test]
    fn checks_are_made_of_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let etc = folder.path();
        fs::create_dir_all(etc.join("ssh")).unwrap();
        for file in ["passwd", "a b", "ssh/sshd.conf"] {
            fs::write(etc.join(file), "").unwrap();
        }
        let policy = policy(etc).unwrap();
        assert_eq!((policy.rules, policy.subjects), (399, 3));
        assert_eq!(policy.text.lines().count(), CHECKS + 2);
        for part in ["/ssh/sshd.conf\"", "/ssh -> r:\\\\.conf$", "condition: any", "/passwd -> n:"] {
            assert!(policy.text.contains(part), "{part}\n{}", policy.text);
        }
        assert!(!policy.text.contains("a b"));
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert!(policy(tempfile::tempdir().unwrap().path()).is_err());
    }
}
