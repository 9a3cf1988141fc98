//! Processes that outlive this one, and how they are told from others that got their numbers later.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// The field of /proc/PID/stat with the time of its start, counted behind the name, which may itself hold spaces
/// and brackets.
const START_TIME: usize = 19;

/// A process, by its number and by when it started, in clock ticks since the machine did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    id: u32,
    started: u64,
}

impl Process {
    /// The one that has this number now.
    pub(super) fn of(id: u32) -> Result<Self> {
        let file = format!("/proc/{id}/stat");
        let stat = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
        let started = start_time(&stat).with_context(|| format!("cannot make out {file}"))?;
        Ok(Self { id, started })
    }

    /// The one that was kept in a file; none when there is no such file, or nothing whole in it.
    pub(super) fn kept(file: &Path) -> Option<Self> {
        let text = fs::read_to_string(file).ok()?;
        let (id, started) = text.trim_end().split_once(' ')?;
        Some(Self { id: id.parse().ok()?, started: started.parse().ok()? })
    }

    /// Keeps it in a file.
    pub(super) fn keep(self, file: &Path) -> Result<()> {
        fs::write(file, format!("{} {}\n", self.id, self.started))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    pub(super) fn id(self) -> u32 {
        self.id
    }

    /// Whether it runs. One that has ended and is waited for by nobody does not.
    pub(super) fn runs(self) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", self.id))
            .is_ok_and(|stat| start_time(&stat) == Some(self.started) && !has_ended(&stat))
    }

    /// Asks it to end, if it is still there.
    pub(super) fn end(self) {
        if self.runs() {
            send(self.id, Signal::TERM);
        }
    }
}

/// Sends a signal. It is no error when the process has gone: that is what signals are for here.
pub(super) fn send(id: u32, signal: Signal) {
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        kill_process(id, signal).unwrap_or_default();
    }
}

fn start_time(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(START_TIME)?.parse().ok()
}

fn has_ended(stat: &str) -> bool {
    stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with(['Z', 'X']))
}

#[cfg(test)]
mod tests {
    use super::{Process, has_ended, start_time};

    #[test]
    fn a_number_that_went_to_another_process_is_not_taken_for_it() {
        let this = Process::of(std::process::id()).unwrap();
        assert!(this.runs());
        assert!(!Process { started: this.started + 1, ..this }.runs());
    }

    #[test]
    fn it_is_kept_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kubelet");
        assert_eq!(Process::kept(&file), None);
        let process = Process { id: 17, started: 4711 };
        process.keep(&file).unwrap();
        assert_eq!(Process::kept(&file), Some(process));
    }

    #[test]
    fn the_start_is_found_behind_any_name() {
        let stat = "17 (a) R 1) Z 1 17 17 0 -1 4194560 12 0 0 0 70 30 5 6 20 0 3 0 4711 1 2\n";
        assert_eq!(start_time(stat), Some(4711));
        assert!(has_ended(stat));
    }
}
