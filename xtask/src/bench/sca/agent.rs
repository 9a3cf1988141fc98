//! What a scan adds to the memory of the agent, which has it done by a process of its own.

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    bench::{agent, process},
    patience,
};

/// All policies and no share of the processor that would only make it last; and no scan before somebody asks.
const CONFIG: &str = "\
listen: 127.0.0.1:0
sca: {scan_on_start: false, policies: [builtin], levels: {}, cpu_percent: 100}
";

/// How long the agent is left alone until its memory is that of one that has nothing to do.
const SETTLED: Duration = Duration::from_secs(5);

/// How often the processes are looked at while a scan runs.
const LOOK: Duration = Duration::from_millis(10);

/// No scan takes longer.
const SCAN: Duration = Duration::from_mins(5);

/// The memory of the agent's processes in MiB, pages that they share counted in each of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Footprint {
    /// The agent, and the process that starts scans, before the scan.
    pub(super) agent_before: f64,
    pub(super) starter_before: f64,
    /// The same during the scan, and the process that scans: the most of each.
    pub(super) agent_during: f64,
    pub(super) starter_during: f64,
    pub(super) scan: f64,
}

impl Footprint {
    /// What is more while a scan runs, at the most.
    pub(super) fn added(&self) -> f64 {
        let before = self.agent_before + self.starter_before;
        self.agent_during + self.starter_during + self.scan - before
    }
}

/// Starts an agent and has it scan.
pub(super) fn measure(binary: &Path, folder: &Path) -> Result<Footprint> {
    println!("a scan by the agent");
    let daemon = agent::launch(binary, folder, CONFIG)?;
    sleep(SETTLED);
    daemon.check()?;
    let agent = daemon.id();
    let starter = *process::children(agent)?.first().context("the agent has started no scanner")?;
    let (agent_before, starter_before) = (resident(agent)?, resident(starter)?);
    ask(agent)?;
    let mut scanning = None;
    patience::until("the beginning of the scan", || {
        scanning = process::children(starter)?.first().copied();
        Ok(scanning.is_some())
    })?;
    let scanning = scanning.context("there is no scan")?;
    let mut footprint = Footprint {
        agent_before,
        starter_before,
        agent_during: agent_before,
        starter_during: starter_before,
        scan: 0.0,
    };
    let beginning = Instant::now();
    // A process that has ended holds nothing, whether it was waited for or not.
    while let Ok(memory) = process::memory(scanning) {
        footprint.scan = footprint.scan.max(memory.peak_mebibytes());
        footprint.agent_during = footprint.agent_during.max(resident(agent)?);
        footprint.starter_during = footprint.starter_during.max(resident(starter)?);
        if beginning.elapsed() > SCAN {
            bail!("the scan takes longer than {} s", SCAN.as_secs());
        }
        sleep(LOOK);
    }
    // The report comes last, and is the longest that the agent is told.
    sleep(SETTLED);
    daemon.check()?;
    footprint.agent_during = footprint.agent_during.max(resident(agent)?);
    Ok(footprint)
}

fn resident(pid: u32) -> Result<f64> {
    Ok(process::memory(pid)?.resident_mebibytes())
}

/// The signal asks for a scan at once.
fn ask(agent: u32) -> Result<()> {
    let pid = i32::try_from(agent).ok().and_then(Pid::from_raw).context("the agent has no number")?;
    kill_process(pid, Signal::USR1).context("cannot ask the agent for a scan")
}

#[cfg(test)]
mod tests {
    use super::Footprint;

    #[test]
    fn all_that_a_scan_adds_is_counted() {
        let footprint = Footprint {
            agent_before: 30.0,
            starter_before: 5.0,
            agent_during: 33.0,
            starter_during: 5.0,
            scan: 15.0,
        };
        assert!((footprint.added() - 18.0).abs() < 1e-9);
    }
}
