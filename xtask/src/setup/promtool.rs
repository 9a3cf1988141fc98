//! Prometheus's own judge of metrics and alerts, out of Debian's package: that itself would start a service.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use super::{Need, Way};
use crate::{
    command,
    debian::{self, Apt},
    workspace::Workspace,
};

const PROGRAM: &str = "promtool";
const PACKAGE: &str = "prometheus";

/// No newer than what tests run on: the program wants the libc of its suite.
const SUITE: &str = "bookworm";

/// The program, installed or unpacked beside the project.
pub(super) struct Promtool {
    folder: PathBuf,
}

/// The program, where it is there.
pub(crate) fn find(workspace: &Workspace) -> Option<PathBuf> {
    Promtool::new(workspace).find()
}

impl Promtool {
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self { folder: workspace.tools().join(PROGRAM) }
    }

    fn unpacked(&self) -> PathBuf {
        self.folder.join(PROGRAM)
    }

    fn find(&self) -> Option<PathBuf> {
        Some(self.unpacked()).filter(|path| path.is_file()).or_else(|| command::find(PROGRAM))
    }

    fn unpack(&self) -> Result<()> {
        let apt = Apt::fetch_lists(&self.folder, SUITE)?;
        let packages = apt.download(&[PACKAGE.to_owned()])?;
        let unpacked = self.folder.join("unpacked");
        debian::unpack(&packages, &unpacked)?;
        // The rest of the package is many times as large.
        let program = unpacked.join("usr/bin").join(PROGRAM);
        fs::rename(&program, self.unpacked()).with_context(|| format!("{PACKAGE} has no {PROGRAM}"))?;
        for rest in [unpacked, self.folder.join("apt")] {
            fs::remove_dir_all(&rest).with_context(|| format!("cannot remove {}", rest.display()))?;
        }
        Ok(())
    }
}

impl Need for Promtool {
    fn name(&self) -> String {
        PROGRAM.to_owned()
    }

    fn detect(&self) -> Result<String> {
        let Some(program) = self.find() else { bail!("not on PATH") };
        let version = command::capture(std::process::Command::new(program).arg("--version"))?;
        Ok(version.lines().next().unwrap_or_default().to_owned())
    }

    fn ways(&self) -> Vec<Way<'_>> {
        vec![Way::new("Debian's package prometheus, unpacked", || self.unpack())]
    }

    fn by_hand(&self) -> String {
        format!("have `{PROGRAM}` of Prometheus on PATH")
    }

    fn is_optional(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PROGRAM, Promtool};

    #[test]
    fn what_was_unpacked_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let need = Promtool { folder: folder.path().to_owned() };
        assert_ne!(need.find(), Some(need.unpacked()));
        fs::write(folder.path().join(PROGRAM), "").unwrap();
        assert_eq!(need.find(), Some(folder.path().join(PROGRAM)));
    }
}
