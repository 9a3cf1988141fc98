use std::{
    env,
    ffi::OsString,
    io::{self, BufRead as _, Write as _},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::scan::write_line;
use crate::{
    assessment::Line,
    exit::{Exit, Failure},
};

/// How long a scan may take. Every look has a limit of its own, but for what a file system does that answers no more.
const SCAN_TIME: Duration = Duration::from_hours(1);

/// Requests that wait for the scan before them; whoever asks for more waits.
const REQUESTS: usize = 4;

/// How often it is looked whether a scan has ended.
const LOOK: Duration = Duration::from_millis(20);

/// For each line that comes in one scan, as a process of its own: what that takes of memory goes with it. The end of the
/// lines ends a scan that is under way.
pub(super) fn serve() -> Result<Exit, Failure> {
    let scan = Arc::<Mutex<Option<Child>>>::default();
    let stopped = Arc::clone(&scan);
    let (ask, asked) = mpsc::sync_channel(REQUESTS);
    let reader = thread::Builder::new().name("requests".to_owned());
    let reader = reader.spawn(move || {
        io::stdin().lock().lines().map_while(Result::ok).try_for_each(|_| ask.send(())).unwrap_or_default();
        drop(ask);
        if let Some(scan) = &mut *stopped.lock().unwrap_or_else(PoisonError::into_inner) {
            // It may have ended by itself.
            scan.kill().unwrap_or_default();
        }
    });
    reader.context("starting a thread")?;
    for () in asked {
        let failure = one(&scan).err().map(|error| format!("{error:#}"));
        if failure.is_some() {
            // It may have ended in the middle of a line.
            io::stdout().write_all(b"\n").unwrap_or_default();
        }
        // Whoever asked is gone.
        if write_line(&mut io::stdout(), &Line::Done { failure }).is_err() {
            break;
        }
    }
    Ok(Exit::Done)
}

fn one(current: &Mutex<Option<Child>>) -> anyhow::Result<()> {
    let program = env::current_exe().context("this program's own path")?;
    // Those of this process, which are a scan's.
    let arguments: Vec<OsString> = env::args_os().skip(3).collect();
    let mut command = Command::new(program);
    command.args(["sca", "scan", "--format", "jsonl"]).args(arguments).stdin(Stdio::null());
    let child = command.spawn().context("starting the scan")?;
    *current.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
    io::stdout().flush()?;
    let status = wait(current)?;
    anyhow::ensure!(status.success(), "the scan ended with {status}");
    Ok(())
}

fn wait(current: &Mutex<Option<Child>>) -> anyhow::Result<ExitStatus> {
    let begin = Instant::now();
    let mut late = false;
    loop {
        // Not for as long as it takes: who ends the scan needs it, too.
        if let Some(child) = &mut *current.lock().unwrap_or_else(PoisonError::into_inner) {
            if let Some(status) = child.try_wait().context("waiting for the scan")? {
                anyhow::ensure!(!late, "the scan was ended because it took longer than {SCAN_TIME:?}");
                return Ok(status);
            }
            if !late && begin.elapsed() > SCAN_TIME {
                late = true;
                // What hangs in a file system may be done with after all.
                child.kill().unwrap_or_default();
            }
        }
        thread::sleep(LOOK);
    }
}
