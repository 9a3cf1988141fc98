//! What the kernel tells of attached programs through their descriptors.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use rampart_model::EventKind;

use crate::Hook;

/// What a program has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramCost {
    /// Its name.
    pub program: &'static str,
    /// How often it ran.
    pub runs: u64,
    /// For how long in all.
    pub took: Duration,
}

/// A program that is attached.
#[derive(Debug)]
pub(crate) struct AttachedProgram {
    pub(crate) hook: Hook,
    /// Its file under /proc/self/fdinfo.
    pub(crate) fdinfo: PathBuf,
}

/// What the kernel says of a program since it was attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// Runs that the kernel left out; none where it does not tell (before Linux 5.12).
    pub(crate) skipped: Option<u64>,
    runs: u64,
    run_ns: u64,
}

impl AttachedProgram {
    pub(crate) fn ask(&self) -> Option<Said> {
        Some(Said::read(&fs::read_to_string(&self.fdinfo).ok()?))
    }
}

impl Said {
    fn read(info: &str) -> Self {
        let number = |name| info.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok();
        Self {
            skipped: number("recursion_misses:"),
            runs: number("run_cnt:").unwrap_or(0),
            run_ns: number("run_time_ns:").unwrap_or(0),
        }
    }
}

/// Totals of all programs that were ever attached: one that is taken off and attached again begins at 0.
#[derive(Debug, Default)]
pub(crate) struct Programs(BTreeMap<&'static str, Totals>);

#[derive(Debug)]
struct Totals {
    /// Where its losses count.
    kind: Option<EventKind>,
    last: Said,
    skipped: u64,
    runs: u64,
    run_ns: u64,
}

impl Programs {
    pub(crate) fn update(&mut self, attached: &[AttachedProgram]) {
        for program in attached {
            if let Some(said) = program.ask() {
                self.add(&program.hook, said);
            }
        }
    }

    fn add(&mut self, hook: &Hook, said: Said) {
        let totals = self.0.entry(hook.program).or_insert_with(|| Totals {
            kind: hook.kinds.first().copied(),
            last: Said::default(),
            skipped: 0,
            runs: 0,
            run_ns: 0,
        });
        let last = std::mem::replace(&mut totals.last, said);
        totals.skipped += since(last.skipped.unwrap_or(0), said.skipped.unwrap_or(0));
        totals.runs += since(last.runs, said.runs);
        totals.run_ns += since(last.run_ns, said.run_ns);
    }

    /// Runs that the kernel left out, by kind.
    pub(crate) fn skipped(&self) -> BTreeMap<EventKind, u64> {
        let mut sums = BTreeMap::new();
        for totals in self.0.values() {
            if let Some(kind) = totals.kind {
                *sums.entry(kind).or_default() += totals.skipped;
            }
        }
        sums
    }

    /// Of those whose runs the kernel has measured.
    pub(crate) fn costs(&self) -> Vec<ProgramCost> {
        let measured = self.0.iter().filter(|(_, totals)| totals.runs > 0);
        measured
            .map(|(program, totals)| ProgramCost {
                program,
                runs: totals.runs,
                took: Duration::from_nanos(totals.run_ns),
            })
            .collect()
    }
}

/// What has come to a counter that may have begun again.
const fn since(last: u64, now: u64) -> u64 {
    if now < last { now } else { now - last }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::HOOKS;

    #[test]
    fn totals_outlive_a_program_that_begins_again() {
        let hook = &HOOKS[0];
        let kind = hook.kinds[0];
        let mut programs = Programs::default();
        for (info, skipped, runs) in [
            ("prog_type:\t26\nrun_time_ns:\t500\nrun_cnt:\t5\nrecursion_misses:\t3\n", 3, 5),
            ("run_time_ns:\t900\nrun_cnt:\t9\nrecursion_misses:\t4\n", 4, 9),
            ("run_time_ns:\t100\nrun_cnt:\t1\nrecursion_misses:\t1\n", 5, 10),
            ("pos:\t0\n", 5, 10),
        ] {
            programs.add(hook, Said::read(info));
            assert_eq!(programs.skipped(), BTreeMap::from([(kind, skipped)]), "{info}");
            assert_eq!(programs.costs()[0].runs, runs, "{info}");
        }
        assert_eq!(Said::read("pos:\t0\n").skipped, None, "before Linux 5.12");
    }
}
