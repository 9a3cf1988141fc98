//! A guest's file system: busybox, what is tested, what tests it.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{contents::Contents, image::Image, library, newc::Archive};
use crate::command;

const INIT: &str = include_str!("guest/init.sh");
const SUITE: &str = include_str!("guest/suite.sh");

/// Small files that programs look for.
const SETTINGS: [(&str, &str); 4] = [
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
    ("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ("/etc/hostname", "guest\n"),
];

/// Programs are in one folder, as on current distributions.
const LINKS: [(&str, &str); 4] =
    [("/bin/sh", "busybox"), ("/sbin", "bin"), ("/usr/bin", "../bin"), ("/usr/sbin", "../bin")];

/// Folders to mount on.
const EMPTY: [&str; 7] = ["/dev", "/proc", "/root", "/run", "/sys", "/sysroot", "/tmp"];

/// Writes the archive for one kernel.
pub(super) fn write(path: &Path, contents: &Contents, image: &Image) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut archive = Archive::new(BufWriter::new(file));
    add_system(&mut archive)?;
    add_programs(&mut archive, &contents.programs)?;
    for (name, tree) in &contents.trees {
        add_tree(&mut archive, name, tree)?;
    }
    add_tree(&mut archive, "/modules", &image.modules)?;
    archive.file("/arguments", 0o644, lines(&contents.arguments).as_bytes())?;
    archive.finish().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

fn add_system(archive: &mut Archive<impl Write>) -> Result<()> {
    for folder in EMPTY {
        archive.folder(folder)?;
    }
    for (name, text) in SETTINGS {
        archive.file(name, 0o644, text.as_bytes())?;
    }
    for (name, target) in LINKS {
        archive.link(name, target)?;
    }
    archive.file("/init", 0o755, INIT.as_bytes())?;
    archive.file("/suite", 0o755, SUITE.as_bytes())?;
    Ok(())
}

/// The programs and busybox, and their libraries where they will look for them.
fn add_programs(archive: &mut Archive<impl Write>, programs: &[(&str, PathBuf)]) -> Result<()> {
    let busybox = command::find("busybox").context("no busybox: `cargo xtask setup` installs it")?;
    let mut libraries = BTreeSet::new();
    for (name, program) in programs.iter().chain([&("/bin/busybox", busybox)]) {
        archive.file(name, 0o755, &read(program)?)?;
        libraries.extend(library::of(program)?);
    }
    for library in libraries {
        let name = library.to_str().with_context(|| format!("{} is not UTF-8", library.display()))?;
        archive.file(name, 0o755, &read(&library)?)?;
    }
    Ok(())
}

fn add_tree(archive: &mut Archive<impl Write>, name: &str, tree: &Path) -> Result<()> {
    if !tree.is_dir() {
        return Ok(archive.file(name, 0o644, &read(tree)?)?);
    }
    archive.folder(name)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(tree).with_context(|| format!("cannot list {}", tree.display()))? {
        names.push(entry?.file_name());
    }
    // The same input gives the same archive.
    names.sort();
    for entry in names {
        add_tree(archive, &format!("{name}/{}", entry.to_string_lossy()), &tree.join(&entry))?;
    }
    Ok(())
}

fn lines(words: &[String]) -> String {
    words.iter().flat_map(|word| [word.as_str(), "\n"]).collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
