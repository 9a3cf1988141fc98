//! What a deed costs inside the kernel: the time that our eBPF programs run for it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::{
    agent::Agent,
    metrics::Runs,
    storm::{Deed, Storms},
};
use crate::bench::statistics::median;

/// A program that runs for fewer than every second deed runs for the rest of the machine, and for the daemon.
const FEWEST_RUNS: f64 = 0.5;

/// The daemon's programs by name.
type Programs = BTreeMap<String, Runs>;

/// What one program costs a deed.
#[derive(Debug, Clone)]
pub(super) struct Cost {
    pub(super) program: String,
    /// How often it runs for one deed.
    pub(super) runs: f64,
    /// How long it runs for one deed, in nanoseconds.
    pub(super) nanos: f64,
}

/// What all programs cost a deed: medians over the rounds.
#[derive(Debug)]
pub(super) struct Costs {
    pub(super) deed: Deed,
    /// The dearest first.
    pub(super) programs: Vec<Cost>,
    /// In nanoseconds.
    pub(super) sum: f64,
}

/// Loads the machine while the daemon counts its programs.
pub(super) fn measure(agent: &Agent, storms: &Storms, deed: Deed, rounds: u32) -> Result<Costs> {
    storms.warm_up(deed)?;
    let mut before = agent.metrics()?.programs();
    if before.is_empty() {
        bail!("the daemon does not count its programs' runs");
    }
    let mut measured = Vec::new();
    for _ in 0..rounds {
        storms.run(deed)?;
        let after = agent.metrics()?.programs();
        measured.push(costs(&before, &after, f64::from(storms.times(deed))));
        before = after;
    }
    match medians(deed, &measured) {
        Some(costs) if !costs.programs.is_empty() => Ok(costs),
        _ => bail!("no program has run for it: its hooks are not attached, see `rampart probe`"),
    }
}

fn costs(before: &Programs, after: &Programs, deeds: f64) -> Vec<Cost> {
    let cost = |(program, after): (&String, &Runs)| {
        let before = before.get(program).copied().unwrap_or_default();
        let (count, seconds) = (after.count - before.count, after.seconds - before.seconds);
        Cost { program: program.clone(), runs: count / deeds, nanos: seconds * 1e9 / deeds }
    };
    after.iter().map(cost).filter(|cost| cost.runs >= FEWEST_RUNS).collect()
}

fn medians(deed: Deed, rounds: &[Vec<Cost>]) -> Option<Costs> {
    let mut by_program = BTreeMap::<&str, (Vec<f64>, Vec<f64>)>::new();
    for cost in rounds.iter().flatten() {
        let (runs, nanos) = by_program.entry(&cost.program).or_default();
        runs.push(cost.runs);
        nanos.push(cost.nanos);
    }
    let cost = |(program, (runs, nanos)): (&str, (Vec<f64>, Vec<f64>))| {
        Some(Cost { program: program.to_owned(), runs: median(&runs)?, nanos: median(&nanos)? })
    };
    let mut programs: Vec<Cost> = by_program.into_iter().filter_map(cost).collect();
    programs.sort_by(|one, other| other.nanos.total_cmp(&one.nanos));
    let sums: Vec<f64> = rounds.iter().map(|round| round.iter().map(|cost| cost.nanos).sum()).collect();
    Some(Costs { deed, programs, sum: median(&sums)? })
}

impl Costs {
    /// What one program costs the deed, in nanoseconds.
    pub(super) fn of(&self, program: &str) -> Option<f64> {
        self.programs.iter().find(|cost| cost.program == program).map(|cost| cost.nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::{Costs, Programs, costs, medians};
    use crate::bench::kernel::{metrics::Runs, storm::Deed};

    fn programs(programs: &[(&str, f64, f64)]) -> Programs {
        let runs = |(name, count, seconds): &(&str, f64, f64)| {
            ((*name).to_owned(), Runs { count: *count, seconds: *seconds })
        };
        programs.iter().map(runs).collect()
    }

    fn lines(costs: &Costs) -> Vec<String> {
        let line = |cost: &super::Cost| format!("{} {} {:.0}", cost.program, cost.runs, cost.nanos);
        costs.programs.iter().map(line).chain([format!("sum {:.0}", costs.sum)]).collect()
    }

    #[test]
    fn a_cost_is_what_came_on_top_divided_by_the_deeds() {
        let start = programs(&[("idle", 10.0, 1.0), ("exec", 100.0, 0.5), ("exit", 0.0, 0.0)]);
        let first = programs(&[("idle", 11.0, 1.5), ("exec", 200.0, 0.5003), ("exit", 100.0, 0.0001)]);
        let second = programs(&[("idle", 12.0, 2.0), ("exec", 300.0, 0.5008), ("exit", 300.0, 0.0003)]);
        let rounds = [costs(&start, &first, 100.0), costs(&first, &second, 100.0)];

        let costs = medians(Deed::Spawn, &rounds).unwrap();

        assert_eq!(lines(&costs), ["exec 1 4000", "exit 1.5 1500", "sum 5500"]);
        assert_eq!(costs.of("exec").map(f64::round), Some(4000.0));
        assert!(costs.of("idle").is_none());
    }
}
