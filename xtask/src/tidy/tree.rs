//! The repository as the rules see it: its files and the manifests of its crates.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use toml::{Table, Value};

/// Folders that hold nothing of ours.
const FOREIGN_FOLDERS: [&str; 2] = [".git", "target"];

/// A text file of the repository.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    pub(super) fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }

    /// The first line that starts with `start`, or line 1: where a fault about it is shown.
    pub(super) fn line_of(&self, start: &str) -> usize {
        self.text.lines().position(|line| line.trim_start().starts_with(start)).map_or(1, |index| index + 1)
    }
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DependencyKind {
    Normal,
    Build,
    Test,
}

/// One line of a dependency section.
#[derive(Debug)]
pub(super) struct Dependency {
    /// The name of the package, whatever it is called here.
    pub(super) package: String,
    pub(super) kind: DependencyKind,
    /// What stands on the right of the `=`.
    pub(super) value: Value,
    pub(super) line: usize,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(super) struct Member {
    /// Relative to the root.
    pub(super) folder: String,
    pub(super) manifest: SourceFile,
    pub(super) table: Table,
    pub(super) dependencies: Vec<Dependency>,
}

impl Member {
    pub(super) fn name(&self) -> &str {
        self.table
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// Everything the rules look at.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<SourceFile>,
    pub(super) members: Vec<Member>,
}

impl Tree {
    /// Reads all text files below `root`; the crates are the folders with a package's manifest.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(root, root, &mut files)?;
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let renames = renames(&files)?;
        let mut members = Vec::new();
        for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
            members.extend(member(file, &renames)?);
        }
        Ok(Self { files, members })
    }

    pub(super) fn rust_files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !FOREIGN_FOLDERS.iter().any(|name| entry.file_name() == *name) {
                collect(root, &path, files)?;
            }
        } else if kind.is_file()
            && let Ok(text) = String::from_utf8(fs::read(&path)?)
        {
            let relative = path.strip_prefix(root)?.to_string_lossy().into_owned();
            files.push(SourceFile { path: relative, text });
        }
    }
    Ok(())
}

/// The dependencies that the workspace's table gives another name than their package's.
fn renames(files: &[SourceFile]) -> Result<Vec<(String, String)>> {
    let Some(file) = files.iter().find(|file| file.path == "Cargo.toml") else { return Ok(Vec::new()) };
    let table: Table = file.text.parse().context("Cargo.toml")?;
    let dependencies = table.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let rename = |(name, value): (&String, &Value)| {
        value.get("package").and_then(Value::as_str).map(|package| (name.clone(), package.to_owned()))
    };
    Ok(dependencies.and_then(Value::as_table).into_iter().flatten().filter_map(rename).collect())
}

fn member(file: &SourceFile, renames: &[(String, String)]) -> Result<Option<Member>> {
    let table: Table = file.text.parse().with_context(|| file.path.clone())?;
    // A package that is a workspace by itself (the fuzz targets) is not a member of ours.
    if !table.contains_key("package") || table.contains_key("workspace") {
        return Ok(None);
    }
    let mut dependencies = Vec::new();
    sections(&table, file, renames, &mut dependencies);
    let targets = table.get("target").and_then(Value::as_table);
    for target in targets.into_iter().flat_map(Table::values).filter_map(Value::as_table) {
        sections(target, file, renames, &mut dependencies);
    }
    Ok(Some(Member {
        folder: file.path.trim_end_matches("/Cargo.toml").to_owned(),
        manifest: SourceFile { path: file.path.clone(), text: file.text.clone() },
        table,
        dependencies,
    }))
}

fn sections(
    table: &Table,
    file: &SourceFile,
    renames: &[(String, String)],
    dependencies: &mut Vec<Dependency>,
) {
    for (section, kind) in [
        ("dependencies", DependencyKind::Normal),
        ("build-dependencies", DependencyKind::Build),
        ("dev-dependencies", DependencyKind::Test),
    ] {
        for (name, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
            let inline = value.get("package").and_then(Value::as_str);
            let shared = renames.iter().find(|(alias, _)| alias == name).map(|(_, package)| package.as_str());
            let package = inline.or(shared).unwrap_or(name).to_owned();
            dependencies.push(Dependency { package, kind, value: value.clone(), line: file.line_of(name) });
        }
    }
}
