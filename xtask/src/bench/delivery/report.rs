//! The page with all figures.

use anyhow::Result;

use super::figures::{Case, Figures, Rounds};
use crate::bench::{
    goal::Rate,
    page::{Page, Table},
};

/// Findings that are kept and delivered, by the wall.
const DELIVERY: Rate = Rate { at_least: 5000.0, unit: "findings/s" };

/// What findings go through by the thousands, the most usual first.
const WAYS: [Case; 5] = [Case::Whole, Case::Drain, Case::Fill, Case::Direct, Case::Spool];

const KIBIBYTES: f64 = 1024.0;
const MICROSECONDS: f64 = 1e6;

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Report {
    /// Kernel and processors.
    pub(super) machine: String,
    /// Of the machine, before.
    pub(super) load: f64,
    pub(super) rounds: Rounds,
}

impl Report {
    pub(super) fn page(&self) -> Result<Page> {
        let mut page = Page::new("What delivering findings takes");
        let findings = self.rounds.median(Case::Whole, |figures| figures.findings)?;
        page.paragraph(format!(
            "{}, its load before: {:.1}. Rounds: {}; in each, {findings:.0} findings of execs in pods went each of these ways, as \
             fast as they could, each way in a process of its own. The manager is the strict fake of the tests, in another \
             process on the same machine, over TCP; it opens, checks and counts every message. The spool is on the disk of the \
             machine, and each of its transactions is on the disk before the next. Figures are medians over the rounds.",
            self.machine,
            self.load,
            self.rounds.count(),
        ));
        page.paragraph("To measure it again: `cargo xtask bench delivery`.");
        for (what, case) in [
            ("Kept and delivered", Case::Whole),
            ("Delivered from a backlog on disk, when an outage is over", Case::Drain),
        ] {
            let rate = self.rounds.median(case, Figures::per_second)?;
            page.paragraph(format!("{what}: {}.", DELIVERY.verdict(rate)));
        }
        self.ways(&mut page)?;
        self.steps(&mut page)?;
        self.sizes(&mut page)?;
        Ok(page)
    }

    fn ways(&self, page: &mut Page) -> Result<()> {
        page.heading("By the wall");
        let header =
            ["findings are", "findings/s", "least", "most", "µs of the processors, each", "MiB at the most"];
        let mut table = Table::new(header);
        for case in WAYS {
            let rates = self.rounds.all(case, Figures::per_second);
            let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
            let most = rates.iter().copied().fold(0.0, f64::max);
            let micros =
                self.rounds.median(case, |figures| figures.each(figures.process_seconds) * MICROSECONDS)?;
            let peak = self.rounds.median(case, |figures| figures.peak_kibibytes / KIBIBYTES)?;
            table.row([
                case.name().to_owned(),
                format!("{:.0}", self.rounds.median(case, Figures::per_second)?),
                format!("{least:.0}"),
                format!("{most:.0}"),
                format!("{micros:.1}"),
                format!("{peak:.1}"),
            ]);
        }
        page.table(table);
        page.paragraph(
            "Processor time and memory are those of the delivering process, the making of the findings' messages included; \
             the manager's are not in them.",
        );
        Ok(())
    }

    fn steps(&self, page: &mut Page) -> Result<()> {
        page.heading("Where the processor time goes");
        let micros = |case, seconds: fn(&Figures) -> f64| {
            self.rounds.median(case, |figures| figures.each(seconds(figures)) * MICROSECONDS)
        };
        let encoding = micros(Case::Encode, |figures| figures.process_seconds)?;
        let sealing = micros(Case::Seal, |figures| figures.process_seconds)?;
        let whole = |seconds| micros(Case::Whole, seconds);
        let (keeper, sender) =
            (whole(|figures| figures.keeper_seconds)?, whole(|figures| figures.sender_seconds)?);
        let rest =
            whole(|figures| figures.process_seconds - figures.keeper_seconds - figures.sender_seconds)?;
        let mut table = Table::new(["of a finding that is kept and delivered", "µs"]);
        for (step, micros) in [
            ("made into a message", encoding),
            ("written to disk, read again where the manager is slower, and removed", keeper - encoding),
            ("compressed and encrypted", sealing),
            ("sent, and confirmed", sender - sealing),
            ("handed over, and the rest", rest),
        ] {
            table.row([step.to_owned(), format!("{micros:.1}")]);
        }
        page.table(table);
        page.paragraph(
            "The first and the third are measured alone; the second and the fourth are what their threads take besides.",
        );
        Ok(())
    }

    fn sizes(&self, page: &mut Page) -> Result<()> {
        page.heading("Sizes");
        let each = |case, bytes: fn(&Figures) -> f64| {
            self.rounds.median(case, |figures| figures.each(bytes(figures)))
        };
        let mut table = Table::new(["of a finding", "bytes"]);
        for (what, bytes) in [
            ("as a message", each(Case::Encode, |figures| figures.message_bytes)?),
            ("on the wire, keepalives included", each(Case::Whole, |figures| figures.wire_bytes)?),
            ("of the spool's file, all being kept", each(Case::Fill, |figures| figures.file_bytes)?),
        ] {
            table.row([what.to_owned(), format!("{bytes:.0}")]);
        }
        page.table(table);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
