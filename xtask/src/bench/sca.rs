//! What a scan of the host's configuration takes, beside lynis, which looks at much the same.

mod agent;
mod files;
mod lynis;
mod measured;
mod options;
mod report;
mod scan;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::{form::scratch, machine};
use crate::{
    privilege::Privilege,
    setup::{self, Scope},
    workspace::Workspace,
};
use agent::Footprint;
use lynis::Lynis;
use report::{Figures, Files, Pair};
use scan::{Scan, Scanner};

use options::PAGE;

pub(crate) use options::Options;

/// What cannot be measured here, and why.
type Skipped = Vec<(String, String)>;

/// Measures everything, prints it and writes the page.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if Privilege::detect() != Privilege::Root {
        bail!(
            "this scans the machine as root would: start it as root, such as by \
             `sudo env \"PATH=$PATH\" cargo xtask bench sca`"
        );
    }
    setup::run(workspace, Scope::Scan)?;
    let page = Bench::prepare(workspace, options)?.measure()?.page();
    options.form.publish(workspace, PAGE, &page)
}

/// What is needed to measure.
struct Bench {
    scanner: Scanner,
    rounds: u32,
    /// How often scans are repeated that take no time.
    repeats: u32,
    /// For everything that is written meanwhile.
    folder: PathBuf,
}

impl Bench {
    fn prepare(workspace: &Workspace, options: &Options) -> Result<Self> {
        let binary = options.binary.get(workspace)?;
        let folder = scratch(workspace, "sca")?;
        let scanner = Scanner { binary };
        Ok(Self { scanner, rounds: options.rounds(), repeats: options.repeats(), folder })
    }

    fn measure(&self) -> Result<Figures> {
        let mut skipped = Skipped::new();
        let load = machine::load()?;
        let lynis = Lynis::find(&self.folder).map_err(|error| skip(&mut skipped, "lynis", &error)).ok();
        let pairs = self.pairs(lynis.as_ref())?;
        let alone = self.alone(&pairs)?;
        let files = self.files()?;
        let idle = self.scanner.idle()?;
        let agent = match agent::measure(&self.scanner.binary, &self.folder.join("agent")) {
            Ok(footprint) => Some(footprint),
            Err(error) => {
                skip(&mut skipped, "the agent's memory", &error);
                None
            }
        };
        Ok(Figures { machine: machine::describe()?, load, pairs, alone, files, idle, agent, skipped })
    }

    /// The policies and lynis in turn, so that a disturbance of the machine meets both.
    fn pairs(&self, lynis: Option<&Lynis>) -> Result<Vec<Pair>> {
        // Whoever is first would wait for the disk.
        self.scanner.scan(None)?;
        let mut pairs = Vec::new();
        for round in 0..self.rounds {
            println!("round {} of {}", round + 1, self.rounds);
            let ours = self.scanner.scan(None)?;
            println!("  rampart: {:.2} s", ours.cost.wall);
            let theirs = lynis.map(Lynis::audit).transpose()?;
            if let Some(theirs) = &theirs {
                println!("  lynis: {:.2} s", theirs.cost.wall);
            }
            pairs.push(Pair { ours, theirs });
        }
        Ok(pairs)
    }

    /// What the longest command of the scans takes when nothing runs beside it, in seconds, each time that it is run.
    fn alone(&self, pairs: &[Pair]) -> Result<Vec<f64>> {
        let Some(longest) = pairs.last().and_then(|pair| pair.ours.report.longest_command.as_ref()) else {
            return Ok(Vec::new());
        };
        println!("its longest command alone");
        let policy = self.folder.join("alone.yml");
        write(&policy, &scan::policy_of(&longest.command)?)?;
        let seconds = |scan: Scan| scan.report.longest_command.map(|command| command.seconds());
        let scans = (0..self.rounds).map(|_| self.scanner.scan(Some(&policy)));
        scans.filter_map(|scan| scan.map(seconds).transpose()).collect()
    }

    fn files(&self) -> Result<Files> {
        println!("{} checks of files, {} times", files::CHECKS, self.repeats);
        let file = self.folder.join("files.yml");
        let policy = files::policy(Path::new("/etc"))?;
        write(&file, &policy.text)?;
        let scans = (0..self.repeats).map(|_| self.scanner.scan(Some(&file)));
        let scans = scans.collect::<Result<Vec<_>>>()?;
        for scan in &scans {
            if scan.report.checks() != files::CHECKS {
                bail!("{} was not read as it is meant, see `rampart sca check`", file.display());
            }
        }
        Ok(Files { rules: policy.rules, subjects: policy.subjects, scans })
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn skip(skipped: &mut Skipped, name: &str, error: &anyhow::Error) {
    println!("skipped {name}: {error:#}");
    skipped.push((name.to_owned(), format!("{error:#}")));
}
