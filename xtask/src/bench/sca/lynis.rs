//! lynis: a scanner of this kind that most distributions have.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::measured::{self, Cost};
use crate::command;

/// Its name, and that of its program.
pub(super) const LYNIS: &str = "lynis";

/// All of its tests, without waiting for a key between them.
const AUDIT: [&str; 5] = ["audit", "system", "--quick", "--no-colors", "--quiet"];

/// An audit.
#[derive(Debug)]
pub(super) struct Audit {
    pub(super) version: String,
    pub(super) tests: u32,
    pub(super) cost: Cost,
}

/// The program, and where it writes.
#[derive(Debug)]
pub(super) struct Lynis {
    program: PathBuf,
    folder: PathBuf,
}

impl Lynis {
    /// An error when it is not here.
    pub(super) fn find(folder: &Path) -> Result<Self> {
        let program = command::find(LYNIS).context("it is not installed")?;
        let folder = folder.join(LYNIS);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { program, folder })
    }

    /// Looks at the whole machine.
    pub(super) fn audit(&self) -> Result<Audit> {
        let [log, report, errors] =
            ["lynis.log", "report.dat", "errors.log"].map(|name| self.folder.join(name));
        let stderr = File::create(&errors).with_context(|| format!("cannot write {}", errors.display()))?;
        let mut command = Command::new(&self.program);
        command.args(AUDIT).arg("--logfile").arg(&log).arg("--report-file").arg(&report);
        let ran = measured::run(command.current_dir(&self.folder).stderr(stderr))?;
        let text = fs::read(&report).with_context(|| format!("cannot read {}", report.display()))?;
        let text = String::from_utf8_lossy(&text);
        let (version, tests) =
            facts(&text).with_context(|| format!("{} is of no whole audit", report.display()))?;
        Ok(Audit { version, tests, cost: ran.cost })
    }
}

/// The version, and how many tests were done.
fn facts(report: &str) -> Option<(String, u32)> {
    let value = |name| {
        let mut pairs = report.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.trim())
    };
    Some((value("lynis_version")?.to_owned(), value("lynis_tests_done")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::facts;

    #[test]
    fn a_whole_audit_says_how_many_tests_there_were() {
        let report = "# Lynis Report\nreport_version_major=1\nlynis_version=3.0.8\nlynis_tests_done=243\n";
        assert_eq!(facts(report), Some(("3.0.8".to_owned(), 243)));
        assert_eq!(facts("lynis_version=3.0.8\n"), None);
    }
}
