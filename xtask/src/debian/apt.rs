//! apt for one suite, beside the machine's own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::mirror;
use crate::command;

/// apt with sources, lists, cache and package status of its own, so that the machine's stay as they are and
/// what is installed on it is no candidate.
#[derive(Debug)]
pub(crate) struct Apt {
    folder: PathBuf,
    source: PathBuf,
}

impl Apt {
    /// Fetches the lists of `suite` from the machine's mirror; everything is kept below `scratch`.
    pub(crate) fn fetch_lists(scratch: &Path, suite: &str) -> Result<Self> {
        for program in ["apt-get", "apt-cache", "dpkg-deb"] {
            if command::find(program).is_none() {
                bail!("`{program}` is not here: this is not a Debian");
            }
        }
        let apt = Self::prepare(scratch, suite)?;
        let mut update = apt.command("apt-get");
        update.args(["-o", "APT::Update::Error-Mode=any", "update"]);
        command::logged(&mut update, &apt.folder.join("update.log"))?;
        Ok(apt)
    }

    fn prepare(scratch: &Path, suite: &str) -> Result<Self> {
        let folder = scratch.join("apt");
        for part in ["lists/partial", "cache/archives/partial", "download", "none"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        }
        fs::write(folder.join("status"), "")?;
        let entry = mirror::pointed_at(suite)?;
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
            ("Dir::State::status", self.folder.join("status")),
            ("Dir::Cache", self.folder.join("cache")),
        ] {
            command.arg("-o").arg(format!("{option}={}", path.display()));
        }
        command
    }

    /// What the suite has of a package, as `apt-cache madison` prints it.
    pub(crate) fn madison(&self, package: &str) -> Result<String> {
        command::capture(self.command("apt-cache").args(["madison", package]))
    }

    /// The suite's entry for a package, as `apt-cache show` prints it.
    pub(crate) fn show(&self, package: &str) -> Result<String> {
        command::capture(self.command("apt-cache").args(["show", "--no-all-versions", package]))
    }

    /// Downloads packages, each a name or `name=version`, and says which files they are.
    pub(crate) fn download(&self, packages: &[String]) -> Result<Vec<PathBuf>> {
        let folder = self.folder.join("download");
        // The names of the files cannot be foretold: they are all that is there.
        fs::remove_dir_all(&folder).and_then(|()| fs::create_dir_all(&folder))?;
        let mut download = self.command("apt-get");
        command::logged(download.arg("download").args(packages), &self.folder.join("download.log"))?;
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                files.push(path);
            }
        }
        if files.len() != packages.len() {
            bail!("apt-get downloaded {} of {}", files.len(), packages.join(", "));
        }
        Ok(files)
    }
}
