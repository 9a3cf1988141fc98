//! What /proc says of a running process.

use std::fs;

use anyhow::{Context, Result};

/// The fields of /proc/PID/stat behind the name, which may itself hold spaces and brackets.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;

/// Memory that a process holds, in KiB.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) resident: f64,
    pub(super) peak: f64,
}

/// The processor time it has used, of all its threads, in user and kernel mode.
pub(super) fn cpu_seconds(pid: u32) -> Result<f64> {
    let file = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    let ticks = ticks(&text).with_context(|| format!("cannot make out {file}"))?;
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

fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let field = |index| fields.split(' ').nth(index)?.parse::<f64>().ok();
    Some(field(USER_TIME)? + field(SYSTEM_TIME)?)
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    let fields = status.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.into_iter().find(|(field, _)| *field == name)?;
    value.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{cpu_seconds, kibibytes, memory, ticks};

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "17 (a) R 1) S 1 17 17 0 -1 4194560 12 0 0 0 70 30 5 6 20 0 3 0 4711 1 2\n";
        assert_eq!(ticks(stat), Some(100.0));
        assert_eq!(ticks("17 (short) S 1"), None);
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
    }
}
