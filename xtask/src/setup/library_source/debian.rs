//! Debian's package `rust-src`, unpacked beside the project and never installed: a package of another suite
//! would pull a newer libc onto the machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::mirror;
use crate::command;

/// The suite that carries the pinned release.
const SUITE: &str = "trixie-backports";
const PACKAGE: &str = "rust-src";

/// Downloads and unpacks the package; the result is the folder `library` of exactly `release`.
pub(super) fn fetch(scratch: &Path, release: &str) -> Result<PathBuf> {
    for program in ["apt-get", "apt-cache", "dpkg-deb"] {
        if command::find(program).is_none() {
            bail!("`{program}` is not here: this is not a Debian");
        }
    }
    let apt = Apt::prepare(scratch)?;
    apt.update()?;
    let version = apt.version_of(release)?;
    let package = apt.download(&version)?;
    unpack(&package, &scratch.join("unpacked"), release)
}

/// apt with lists and cache of its own, so that the machine's stay as they are.
struct Apt {
    folder: PathBuf,
    source: PathBuf,
}

impl Apt {
    fn prepare(scratch: &Path) -> Result<Self> {
        let folder = scratch.join("apt");
        for part in ["lists/partial", "cache/archives/partial", "download", "none"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        }
        let entry = mirror::pointed_at(SUITE)?;
        let source = folder.join("suite").with_extension(entry.extension);
        fs::write(&source, entry.text)?;
        Ok(Self { folder, source })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C").current_dir(self.folder.join("download"));
        for (option, path) in [
            ("Dir::Etc::sourcelist", self.source.clone()),
            ("Dir::Etc::sourceparts", self.folder.join("none")),
            ("Dir::State::lists", self.folder.join("lists")),
            ("Dir::Cache", self.folder.join("cache")),
        ] {
            command.arg("-o").arg(format!("{option}={}", path.display()));
        }
        command
    }

    fn update(&self) -> Result<()> {
        let mut command = self.command("apt-get");
        command.args(["-o", "APT::Update::Error-Mode=any", "update"]);
        command::logged(&mut command, &self.folder.join("update.log"))
    }

    fn version_of(&self, release: &str) -> Result<String> {
        let listing = command::capture(self.command("apt-cache").args(["madison", PACKAGE]))?;
        choose_version(&listing, release)
    }

    fn download(&self, version: &str) -> Result<PathBuf> {
        let mut command = self.command("apt-get");
        command.arg("download").arg(format!("{PACKAGE}={version}"));
        command::logged(&mut command, &self.folder.join("download.log"))?;
        for entry in fs::read_dir(self.folder.join("download"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                return Ok(path);
            }
        }
        bail!("apt-get downloaded nothing")
    }
}

/// The Debian version of `release` in what `apt-cache madison` prints.
fn choose_version(listing: &str, release: &str) -> Result<String> {
    let versions: Vec<&str> =
        listing.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).collect();
    let upstream = |version: &str| version.split(['+', '-', '~']).next() == Some(release);
    match versions.iter().find(|version| upstream(version)) {
        Some(version) => Ok((*version).to_owned()),
        None if versions.is_empty() => bail!("{SUITE} has no {PACKAGE}"),
        None => bail!("{SUITE} has {PACKAGE} {}, but Rust is {release}", versions.join(", ")),
    }
}

fn unpack(package: &Path, into: &Path, release: &str) -> Result<PathBuf> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    command::capture(Command::new("dpkg-deb").arg("-x").arg(package).arg(into))?;
    let library = into.join(format!("usr/src/rustc-{release}/library"));
    if !library.join("Cargo.lock").is_file() {
        bail!("{} has no usr/src/rustc-{release}/library/Cargo.lock", package.display());
    }
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::choose_version;

    const LISTING: &str = " rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://mirror.example suite/main Packages\n \
                           rust-src | 1.94.1-1 | http://mirror.example suite/main Packages\n";

    #[test]
    fn only_the_exact_release_is_taken() {
        assert_eq!(choose_version(LISTING, "1.95.0").unwrap(), "1.95.0+dfsg1-2~bpo13+1");
        assert_eq!(choose_version(LISTING, "1.94.1").unwrap(), "1.94.1-1");
        let error = choose_version(LISTING, "1.9").unwrap_err().to_string();
        assert!(error.contains("1.94.1-1"), "{error}");
    }

    #[test]
    fn an_empty_suite_is_said_so() {
        assert!(choose_version("", "1.95.0").unwrap_err().to_string().contains("has no rust-src"));
    }
}
