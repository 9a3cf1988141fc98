//! Our daemon, started for a measurement.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use super::daemon::Daemon;
use crate::patience;

/// What the log says when everything is attached.
const READY: &str = " ready ";

/// Starts it and waits until it is ready. Its configuration, its lock and its log are in `folder`; `config` are further lines
/// of the first.
pub(super) fn launch(binary: &Path, folder: &Path, config: &str) -> Result<Daemon> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let (file, log) = (folder.join("rampart.yml"), folder.join("rampart.log"));
    let text = format!("{}{config}", head(folder)?);
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    let stderr = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = Command::new(binary);
    command.args(["run", "--config"]).arg(&file);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
    let daemon = Daemon::start(&mut command, "TERM")?;
    patience::until("the daemon's being ready", || {
        daemon.check()?;
        Ok(fs::read_to_string(&log)?.contains(READY))
    })
    .with_context(|| format!("its log is {}", log.display()))?;
    Ok(daemon)
}

/// JSON strings are YAML strings, whatever a path holds.
fn head(folder: &Path) -> Result<String> {
    let lock = serde_json::to_string(&folder.join("lock"))?;
    Ok(format!("node: bench\nlog: info\nlock: {lock}\n"))
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn it_has_a_lock_of_its_own() {
        let head = head("/tmp/a b".as_ref()).unwrap();
        assert!(head.ends_with("lock: \"/tmp/a b/lock\"\n"), "{head}");
    }
}
