//! Putting back what a measurement changed, however it ends.

use std::{
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

/// The end of the pipe is the sign. The signals that a terminal sends must not end it before its work.
const WAITING: &str = "trap '' HUP INT TERM; read _; ";

/// A piece of shell that runs when this is dropped, and also when this process is interrupted or killed.
///
/// It waits in a shell of its own for a pipe to close, which the kernel does however this process ends: so the
/// ordinary way and the other one are the same, and a signal handler is not needed.
#[derive(Debug)]
pub(super) struct Cleanup {
    shell: Child,
}

impl Cleanup {
    /// The piece of shell finds `arguments` as `$1` and so on.
    pub(super) fn new(script: &str, arguments: &[&str]) -> Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", &format!("{WAITING}{script}"), "cleanup"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // Ctrl-C goes to the whole group that is in the terminal's foreground.
            .process_group(0)
            .spawn()
            .context("cannot start `sh`, which would clean up afterwards")?;
        Ok(Self { shell })
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // What failed has been said on stderr.
        self.shell.wait().map(drop).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::Cleanup;
    use std::fs;

    #[test]
    fn it_runs_once_and_not_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's done");
        let cleanup = Cleanup::new("echo done >> \"$1\"", &[file.to_str().unwrap()]).unwrap();
        assert!(!file.exists());
        drop(cleanup);
        assert_eq!(fs::read_to_string(&file).unwrap(), "done\n");
    }
}
