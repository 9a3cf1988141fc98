//! The page with all figures.

use super::{
    Footprint, Scan, Skipped,
    lynis::{Audit, LYNIS},
};
use crate::bench::{
    goal::{Goal, Speed},
    page::{Page, Table},
    statistics::median,
};

/// All policies beside lynis, by the wall.
const BESIDE_LYNIS: Speed = Speed { at_least: 30.0 };

/// All policies, as a multiple of their longest command.
const OF_LONGEST: Goal = Goal { at_most: 1.2, unit: "" };
/// The checks of files, from the start of the program to its end.
const FILES: Goal = Goal { at_most: 50.0, unit: "ms" };
/// What a scan takes on top of what is there while there is none.
const MEMORY: Goal = Goal { at_most: 30.0, unit: "MiB" };

/// Letters of a command that are shown.
const SHOWN: usize = 60;

/// Both in one round.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) ours: Scan,
    pub(super) theirs: Option<Audit>,
}

/// Scans by a policy of files.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) rules: usize,
    /// Different files and folders that rules name.
    pub(super) subjects: usize,
    pub(super) scans: Vec<Scan>,
}

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Figures {
    /// Kernel and processors.
    pub(super) machine: String,
    /// The machine's load before.
    pub(super) load: f64,
    pub(super) pairs: Vec<Pair>,
    /// Seconds that the longest command takes by itself.
    pub(super) alone: Vec<f64>,
    pub(super) files: Files,
    /// MiB of a process that does not scan.
    pub(super) idle: f64,
    pub(super) agent: Option<Footprint>,
    /// What is not here, and why.
    pub(super) skipped: Skipped,
}

impl Figures {
    pub(super) fn page(&self) -> Page {
        let mut page = Page::new("What a scan of the configuration takes");
        page.paragraph(format!(
            "{}, its load before: {:.1}. Rounds: {}; in each the policies that are in the binary were run with no limit of \
             the processor, and then {LYNIS} with all its tests. Figures are medians over the rounds, and ratios medians of \
             the ratios of each round.",
            self.machine,
            self.load,
            self.pairs.len()
        ));
        page.paragraph("To measure it again, as root: `cargo xtask bench sca`.");
        for (name, reason) in &self.skipped {
            page.paragraph(format!("Not measured: {name}: {reason}."));
        }
        self.scans(&mut page);
        self.longest(&mut page);
        self.of_files(&mut page);
        self.memory(&mut page);
        page
    }

    fn scans(&self, page: &mut Page) {
        page.heading("Beside lynis");
        let mut table = Table::new(["scan", "s, median", "least", "most", "processor s"]);
        let ours = || self.pairs.iter().map(|pair| &pair.ours);
        let mut skipped = 0;
        if let Some(scan) = ours().next() {
            let name =
                format!("rampart, {} policies, {} checks", scan.report.policies(), scan.report.checks());
            table.row(row(name, ours().map(|scan| (scan.cost.wall, scan.cost.cpu))));
            skipped = scan.report.skipped();
        }
        let theirs = || self.pairs.iter().filter_map(|pair| pair.theirs.as_ref());
        if let Some(audit) = theirs().next() {
            let name = format!("{LYNIS} {}, {} tests", audit.version, audit.tests);
            table.row(row(name, theirs().map(|audit| (audit.cost.wall, audit.cost.cpu))));
        }
        page.table(table);
        if skipped > 0 {
            page.paragraph(format!(
                "Policies that do not apply to this machine, and were skipped: {skipped}."
            ));
        }
        let ratio =
            |of: fn(&Pair) -> Option<f64>| median(&self.pairs.iter().filter_map(of).collect::<Vec<_>>());
        if let Some(times) = ratio(|pair| Some(pair.theirs.as_ref()?.cost.wall / pair.ours.cost.wall)) {
            page.paragraph(format!("By the wall {}.", BESIDE_LYNIS.verdict(times)));
        }
        if let Some(times) = ratio(|pair| Some(pair.theirs.as_ref()?.cost.cpu / pair.ours.cost.cpu)) {
            page.paragraph(format!("{LYNIS} takes {times:.1} times as much of the processors."));
        }
    }

    fn longest(&self, page: &mut Page) {
        let longest = self.pairs.iter().filter_map(|pair| {
            let longest = pair.ours.report.longest_command.as_ref()?;
            Some((pair.ours.cost.wall, longest))
        });
        let longest: Vec<_> = longest.collect();
        let of = |figure: fn(f64, f64) -> f64| {
            let figures = longest.iter().map(|(wall, command)| figure(*wall, command.seconds()));
            median(&figures.collect::<Vec<_>>())
        };
        let (Some((_, command)), Some(took), Some(ratio)) =
            (longest.last(), of(|_, took| took), of(|wall, took| wall / took))
        else {
            return;
        };
        page.heading("The longest command");
        let shown: String = command.command.chars().take(SHOWN).collect();
        page.paragraph(format!(
            "The command that took longest, {took:.2} s beside the others, begins with `{shown}`. The whole scan, from the \
             start of the program to its end, as a multiple of that: {}.",
            OF_LONGEST.verdict(ratio)
        ));
        let wall = median(&longest.iter().map(|(wall, _)| *wall).collect::<Vec<_>>());
        if let (Some(alone), Some(wall)) = (median(&self.alone), wall) {
            page.paragraph(format!(
                "With nothing beside it the command takes {alone:.2} s; the scan takes {:.2} times as long as that.",
                wall / alone
            ));
        }
    }

    fn of_files(&self, page: &mut Page) {
        page.heading("Files only");
        let Files { rules, subjects, scans } = &self.files;
        let checks = scans.first().map_or(0, |scan| scan.report.checks());
        page.paragraph(format!(
            "A policy that is made of what is below /etc: {checks} checks of {rules} rules on {subjects} files and folders, no \
             two of them with the same pattern. Scans: {}.",
            scans.len()
        ));
        let mut table = Table::new(["what", "ms, median", "least", "most", "processor ms"]);
        let millis = |figure: fn(&Scan) -> f64| {
            scans.iter().map(move |scan| (figure(scan) * 1e3, scan.cost.cpu * 1e3))
        };
        table.row(row("the whole process".to_owned(), millis(|scan| scan.cost.wall)));
        let mut engine =
            row("from the first look to the last result".to_owned(), millis(|scan| scan.report.seconds()));
        if let Some(cell) = engine.last_mut() {
            "–".clone_into(cell);
        }
        table.row(engine);
        page.table(table);
        if let Some(wall) = median(&millis(|scan| scan.cost.wall).map(|(wall, _)| wall).collect::<Vec<_>>()) {
            page.paragraph(format!("The whole process: {}.", FILES.verdict(wall)));
        }
    }

    fn memory(&self, page: &mut Page) {
        page.heading("Memory");
        let mut table = Table::new(["process", "MiB idle", "MiB at the most", "added"]);
        let mut add = |name: &str, idle: f64, most: f64| {
            let figures = [idle, most, most - idle].map(|figure| format!("{figure:.1}"));
            table.row(std::iter::once(name.to_owned()).chain(figures).collect::<Vec<_>>());
        };
        let peaks = self.pairs.iter().filter_map(|pair| pair.ours.peak);
        let peak = peaks.reduce(f64::max);
        if let Some(peak) = peak {
            add("rampart sca scan, all policies", self.idle, peak);
        }
        if let Some(agent) = &self.agent {
            add("agent: itself", agent.agent_before, agent.agent_during);
            add("agent: its starter of scans", agent.starter_before, agent.starter_during);
            add("agent: the scan", 0.0, agent.scan);
        }
        page.table(table);
        page.paragraph(
            "Resident memory of the processes, pages of the binary that they share counted in each; without the commands \
             that policies run, which are programs of the host. Idle is the process that waits for the order to scan.",
        );
        if let Some(peak) = peak {
            page.paragraph(format!("A scan above idle: {}.", MEMORY.verdict(peak - self.idle)));
        }
        if let Some(agent) = &self.agent {
            page.paragraph(format!(
                "The agent while it scans, above idle: {}.",
                MEMORY.verdict(agent.added())
            ));
        }
    }
}

/// A name, the median, the least and the most of the first figures, and the median of the second.
fn row(name: String, figures: impl Iterator<Item = (f64, f64)>) -> Vec<String> {
    let (first, second): (Vec<f64>, Vec<f64>) = figures.unzip();
    let least = first.iter().copied().reduce(f64::min);
    let most = first.iter().copied().reduce(f64::max);
    let cells = [median(&first), least, most, median(&second)];
    let cells = cells.map(|figure| figure.map_or_else(String::new, |figure| format!("{figure:.2}")));
    std::iter::once(name).chain(cells).collect()
}

#[cfg(test)]
mod tests;
