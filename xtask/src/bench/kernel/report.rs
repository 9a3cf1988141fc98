//! The page with all figures.

use super::{
    agent::RAMPART,
    audit::AUDITD,
    contender::{BARE, Tally},
    program::Costs,
    rounds::Samples,
    storm::Deed,
};
use crate::bench::{
    goal::Goal,
    page::{Page, Table},
    statistics::{Comparison, compare},
};

/// What we add to a deed, as a part of what auditd adds.
const OF_AUDITD: Goal = Goal { at_most: 0.25, unit: "" };

/// The programs' time for one deed.
const EXEC: Goal = Goal { at_most: 6.0, unit: "µs" };
const CONNECT: Goal = Goal { at_most: 1.2, unit: "µs" };
const OPEN: Goal = Goal { at_most: 300.0, unit: "ns" };

const EXEC_PROGRAM: &str = "sched_process_exec";

const NOTHING: &str = "–";

/// Everything that was measured, and what could not be.
#[derive(Debug)]
pub(super) struct Figures {
    /// Kernel and processors.
    pub(super) machine: String,
    pub(super) rounds: u32,
    /// Who took part, in the order of the tables.
    pub(super) contenders: Vec<&'static str>,
    pub(super) samples: Samples,
    pub(super) costs: Vec<Costs>,
    /// What is not here, and why.
    pub(super) skipped: Vec<(String, String)>,
}

impl Figures {
    pub(super) fn page(&self) -> Page {
        let mut page = Page::new("What watching costs");
        page.paragraph(format!(
            "{}. Rounds: {}; in each everybody was measured once, in turn. Times are medians over the rounds, and \
             what is added is the median of the differences to the bare machine in the same round.",
            self.machine, self.rounds
        ));
        page.paragraph("To measure it again, as root: `cargo xtask bench kernel`.");
        for (name, reason) in &self.skipped {
            page.paragraph(format!("Not measured: {name}: {reason}."));
        }
        for (deed, title) in [(Deed::Spawn, "Spawns"), (Deed::Connect, "Refused connects to loopback")] {
            self.loads(&mut page, deed, title);
        }
        self.programs(&mut page);
        self.daemons(&mut page);
        page
    }

    fn comparison(&self, contender: &str, deed: Deed) -> Option<Comparison> {
        compare(&self.samples.micros(contender, deed), &self.samples.micros(BARE, deed))
    }

    fn loads(&self, page: &mut Page, deed: Deed, title: &str) {
        page.heading(title);
        let mut table = Table::new(["contender", "µs each", "least", "most", "added µs", "× bare"]);
        for contender in &self.contenders {
            let Some(comparison) = self.comparison(contender, deed) else { continue };
            let Comparison { median, least, most, added, ratio } = comparison;
            let times = [median, least, most, added].map(|micros| format!("{micros:.2}"));
            let cells = std::iter::once((*contender).to_owned()).chain(times).chain([format!("{ratio:.3}")]);
            table.row(cells.collect::<Vec<_>>());
        }
        page.table(table);
        let added = |contender| self.comparison(contender, deed).map(|comparison| comparison.added);
        if let (Some(ours), Some(theirs)) = (added(RAMPART), added(AUDITD)) {
            page.paragraph(of_auditd(ours, theirs));
        }
    }

    fn programs(&self, page: &mut Page) {
        for costs in &self.costs {
            page.heading(&format!("In the kernel, for one {}", costs.deed.name()));
            let mut table = Table::new(["program", "runs", "ns a run", "ns"]);
            for cost in &costs.programs {
                let a_run = cost.nanos / cost.runs;
                let figures =
                    [format!("{:.2}", cost.runs), format!("{a_run:.0}"), format!("{:.0}", cost.nanos)];
                let [runs, a_run, nanos] = figures;
                table.row([cost.program.clone(), runs, a_run, nanos]);
            }
            let nothing = || NOTHING.to_owned();
            table.row(["in sum".to_owned(), nothing(), nothing(), format!("{:.0}", costs.sum)]);
            page.table(table);
            page.paragraph(verdict(costs));
        }
    }

    fn daemons(&self, page: &mut Page) {
        page.heading("The daemons themselves");
        let header = ["daemon, load", "CPU µs a deed", "CPU µs an event", "lost", "RSS MiB", "peak MiB"];
        let mut table = Table::new(header);
        for contender in &self.contenders {
            for deed in [Deed::Spawn, Deed::Connect] {
                let Some((times, used)) = self.samples.used(contender, deed) else { continue };
                table.row(usage(format!("{contender}, {}", deed.name()), times, used));
            }
        }
        page.table(table);
        page.paragraph(
            "The processor time of the processes, in user and kernel mode, of all rounds together; what the kernel \
             does for them in other processes and in threads of its own is in the times above.",
        );
    }
}

fn of_auditd(ours: f64, theirs: f64) -> String {
    if ours <= 0.0 || theirs <= 0.0 {
        return format!("What {RAMPART} or {AUDITD} adds is lost in the noise: there is nothing to compare.");
    }
    format!("What {RAMPART} adds, as a part of what {AUDITD} adds: {}.", OF_AUDITD.verdict(ours / theirs))
}

fn verdict(costs: &Costs) -> String {
    let micros = costs.sum / 1e3;
    match costs.deed {
        Deed::Spawn => {
            let exec = costs.of(EXEC_PROGRAM).map_or_else(
                || format!("{EXEC_PROGRAM} has not run"),
                |nanos| format!("The exec: {}", EXEC.verdict(nanos / 1e3)),
            );
            format!("{exec}. The whole spawn, with fork and exit: {micros:.2} µs.")
        }
        Deed::Connect => format!("The connect: {}.", CONNECT.verdict(micros)),
        Deed::Open => format!("The open: {}.", OPEN.verdict(costs.sum)),
    }
}

fn usage(name: String, times: f64, used: Tally) -> [String; 6] {
    let micros = used.cpu_seconds * 1e6;
    let events = used.events.filter(|events| *events > 0.0);
    [
        name,
        format!("{:.2}", micros / times),
        events.map_or_else(|| NOTHING.to_owned(), |events| format!("{:.2}", micros / events)),
        used.lost.map_or_else(|| NOTHING.to_owned(), |lost| format!("{lost:.0}")),
        format!("{:.1}", used.memory.resident / 1024.0),
        format!("{:.1}", used.memory.peak / 1024.0),
    ]
}

#[cfg(test)]
mod tests;
