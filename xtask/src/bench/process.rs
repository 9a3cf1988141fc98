//! What /proc says of a running process.

use std::fs;

use anyhow::{Context, Result};

/// The fields of /proc/PID/stat behind the name, which may itself hold spaces and brackets.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;
const CHILDREN_USER_TIME: usize = 13;
const CHILDREN_SYSTEM_TIME: usize = 14;

/// How many KiB are a MiB.
const KIBIBYTES: f64 = 1024.0;

/// Memory that a process holds, in KiB, pages that it shares with others included.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) resident: f64,
    pub(super) peak: f64,
}

impl Memory {
    /// The most that it ever held, in MiB.
    pub(super) fn peak_mebibytes(self) -> f64 {
        self.peak / KIBIBYTES
    }

    /// What it holds, in MiB.
    pub(super) fn resident_mebibytes(self) -> f64 {
        self.resident / KIBIBYTES
    }
}

/// The processor time it has used, of all its threads, in user and kernel mode.
pub(super) fn cpu_seconds(pid: u32) -> Result<f64> {
    seconds(pid, [USER_TIME, SYSTEM_TIME])
}

/// The processor time that this process's children have used that have ended, and those that they have waited for, in steps
/// of a clock tick.
pub(super) fn children_cpu_seconds() -> Result<f64> {
    seconds(std::process::id(), [CHILDREN_USER_TIME, CHILDREN_SYSTEM_TIME])
}

/// The processes that it has started and that still run.
pub(super) fn children(pid: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    let folder = format!("/proc/{pid}/task");
    for task in fs::read_dir(&folder).with_context(|| format!("cannot read {folder}"))? {
        // A thread that has ended meanwhile has none.
        let text = fs::read_to_string(task?.path().join("children")).unwrap_or_default();
        children.extend(text.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
    }
    Ok(children)
}

fn seconds(pid: u32, fields: [usize; 2]) -> Result<f64> {
    let file = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    let ticks = ticks(&text, fields).with_context(|| format!("cannot make out {file}"))?;
    let ticks_per_second = u32::try_from(rustix::param::clock_ticks_per_second())?;
    Ok(ticks / f64::from(ticks_per_second))
}

/// The memory it holds.
pub(super) fn memory(pid: u32) -> Result<Memory> {
    let file = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    let field = |name| kibibytes(&text, name).with_context(|| format!("no {name} in {file}"));
    Ok(Memory { resident: field("VmRSS")?, peak: field("VmHWM")? })
}

fn ticks(stat: &str, fields: [usize; 2]) -> Option<f64> {
    let (_, values) = stat.rsplit_once(") ")?;
    let ticks = fields.map(|field| values.split(' ').nth(field)?.parse::<f64>().ok());
    ticks.into_iter().sum()
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    let fields = status.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.into_iter().find(|(field, _)| *field == name)?;
    value.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{
        CHILDREN_SYSTEM_TIME, CHILDREN_USER_TIME, SYSTEM_TIME, USER_TIME, children, cpu_seconds, kibibytes,
        memory, ticks,
    };

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "17 (a) R 1) S 1 17 17 0 -1 4194560 12 0 0 0 70 30 5 6 20 0 3 0 4711 1 2\n";
        assert_eq!(ticks(stat, [USER_TIME, SYSTEM_TIME]), Some(100.0));
        assert_eq!(ticks(stat, [CHILDREN_USER_TIME, CHILDREN_SYSTEM_TIME]), Some(11.0));
        assert_eq!(ticks("17 (short) S 1", [USER_TIME, SYSTEM_TIME]), None);
    }

    #[test]
    fn memory_is_in_kibibytes() {
        let status = "VmPeak:\t  900 kB\nVmHWM:\t  120 kB\nVmRSS:\t   64 kB\n";
        assert_eq!(kibibytes(status, "VmRSS"), Some(64.0));
        assert_eq!(kibibytes(status, "VmSwap"), None);
    }

    #[test]
    fn this_process_has_both() {
        let this = std::process::id();
        assert!(cpu_seconds(this).unwrap() >= 0.0);
        assert!(memory(this).unwrap().resident > 0.0);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(children(this).unwrap().contains(&child.id()));
        child.kill().and_then(|()| child.wait()).unwrap();
    }
}
