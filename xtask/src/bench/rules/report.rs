//! The page with all figures.

use super::figures::{Allocation, Figure, Load, Times};
use crate::bench::{
    goal::{Goal, Speed},
    page::{Page, Table},
};

const RAMPART: &str = "rampart";
const PEERS: [&str; 2] = ["rsigma-eval", "sigma-rust"];

const FEW: usize = 100;
const USUAL: usize = 1_000;
const MANY: usize = 10_000;

/// How many times as fast as each peer we mean to be, at the usual number of rules.
const SPEED: Speed = Speed { at_least: 50.0 };

/// The median for one exec that no rule matches, at the usual number of rules.
const EVENT: Goal = Goal { at_most: 1.5, unit: "µs" };
/// From few rules to many, the median grows by so much.
const GROWTH: Goal = Goal { at_most: 3.0, unit: "" };
/// To read and compile many rules.
const LOADING: Goal = Goal { at_most: 3.0, unit: "s" };
/// For one event that no rule matches.
const ALLOCATIONS: Goal = Goal { at_most: 0.0, unit: "" };

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Report {
    /// Kernel and processors.
    pub(super) machine: String,
    pub(super) times: Times,
    pub(super) allocations: Vec<Allocation>,
}

impl Report {
    pub(super) fn page(&self) -> Page {
        let mut page = Page::new("What evaluating rules costs");
        page.paragraph(format!(
            "{}. {} different execs with command lines of up to {} bytes; {} rounds, in each of which every engine \
             evaluated them once, one engine after the other, and the peers, being slow, in every fourth round or \
             less. The rules are made up in the style of public ones for Linux. All engines run in one process and \
             thread, on the same rules and events, and must find the same; each gets its events in the form it likes \
             best, and only the rules of the event's category.",
            self.machine, self.times.events, self.times.longest, self.times.rounds
        ));
        page.paragraph("To measure it again: `cargo xtask bench rules`.");
        self.goals(&mut page);
        for load in &self.times.loads {
            loads(&mut page, load);
        }
        self.loading(&mut page);
        self.allocation(&mut page);
        page
    }

    fn goals(&self, page: &mut Page) {
        if let Some(ours) = self.times.of(USUAL, RAMPART) {
            page.paragraph(format!(
                "One exec at {USUAL} rules that it does not match: {}.",
                EVENT.verdict(ours.median / 1e3)
            ));
            for theirs in PEERS.iter().filter_map(|peer| self.times.fastest(USUAL, peer)) {
                page.paragraph(format!(
                    "{} at {USUAL} rules, by the medians: {}.",
                    theirs.name,
                    SPEED.verdict(theirs.median / ours.median)
                ));
            }
        }
        if let (Some(few), Some(many)) = (self.times.of(FEW, RAMPART), self.times.of(MANY, RAMPART)) {
            page.paragraph(format!(
                "The median at {MANY} rules, as a multiple of that at {FEW}: {}.",
                GROWTH.verdict(many.median / few.median)
            ));
        }
        if let Some(own) = self.times.loading.iter().find(|own| own.name == RAMPART && own.rules == MANY) {
            let seconds = (own.parse + own.compile) / 1e3;
            page.paragraph(format!("To read and compile {MANY} rules: {}.", LOADING.verdict(seconds)));
        }
        if let Some(own) = self.allocations.iter().find(|own| own.name == RAMPART && !own.matching) {
            page.paragraph(format!(
                "Allocations for one event that no rule matches: {}.",
                ALLOCATIONS.verdict(own.count)
            ));
        }
    }

    fn loading(&self, page: &mut Page) {
        page.heading("Loading");
        let mut table = Table::new(["engine, rules", "ms to read", "ms to compile", "ms"]);
        for loading in &self.times.loading {
            let millis = [loading.parse, loading.compile, loading.parse + loading.compile];
            let name = format!("{}, {}", loading.name, loading.rules);
            let cells = std::iter::once(name).chain(millis.map(|millis| format!("{millis:.1}")));
            table.row(cells.collect::<Vec<_>>());
        }
        page.table(table);
    }

    fn allocation(&self, page: &mut Page) {
        page.heading("Allocations for one event");
        let mut table = Table::new(["engine, events", "allocations", "bytes"]);
        for allocation in &self.allocations {
            let Allocation { name, rules, matching, count, bytes } = allocation;
            let events = events(*matching);
            table.row([
                format!("{name}, {rules} rules, {events}"),
                format!("{count:.2}"),
                format!("{bytes:.0}"),
            ]);
        }
        page.table(table);
    }
}

fn loads(page: &mut Page, load: &Load) {
    page.heading(&format!("{} rules, {}", load.rules, events(load.matching)));
    let mut table = Table::new(["engine", "µs, median", "µs, p99", "events/s", "evaluations", "× rampart"]);
    let ours = load.figures.iter().find(|figure| figure.name == RAMPART);
    for figure in &load.figures {
        let Figure { name, median, p99, per_second, samples } = figure;
        let ratio = ours.map_or_else(String::new, |ours| format!("{:.1}", median / ours.median));
        table.row([
            name.clone(),
            format!("{:.2}", median / 1e3),
            format!("{:.2}", p99 / 1e3),
            format!("{per_second:.0}"),
            samples.to_string(),
            ratio,
        ]);
    }
    page.table(table);
}

const fn events(matching: bool) -> &'static str {
    if matching { "1 % of events match" } else { "no event matches" }
}

#[cfg(test)]
mod tests;
