//! auditctl: the rules and the settings of the kernel's audit, and putting them back.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{bench::cleanup::Cleanup, command};

const PROGRAM: &str = "auditctl";

/// Debian's, so that the load waits for auditd and nothing is lost: with the kernel's own, most would be.
const BACKLOG: [&str; 4] = ["-b", "8192", "--backlog_wait_time", "60000"];

const RESTORING: &str = "\"$1\" -D; \"$1\" -e 0; \"$1\" -b \"$2\"; \"$1\" --backlog_wait_time \"$3\"";

/// The kernel's audit as it was found: without rules, switched off, and nobody's. So it is left again.
#[derive(Debug)]
pub(super) struct Control {
    program: PathBuf,
    _cleanup: Cleanup,
}

/// What `auditctl -s` says.
#[derive(Debug)]
pub(super) struct Status {
    values: BTreeMap<String, u64>,
}

impl Control {
    /// An error when it belongs to somebody: their rules must not be touched.
    pub(super) fn claim() -> Result<Self> {
        let program = command::find(PROGRAM).context("auditctl is not installed")?;
        let capture = |argument| command::capture(Command::new(&program).arg(argument));
        let status = Status::parse(&capture("-s")?);
        check_free(&status, &capture("-l")?)?;
        let path = program.to_str().context("the path of auditctl is not UTF-8")?;
        let [backlog, wait] = ["backlog_limit", "backlog_wait_time"].map(|name| status.get(name));
        let cleanup = Cleanup::new(RESTORING, &[path, &backlog?.to_string(), &wait?.to_string()])?;
        let control = Self { program, _cleanup: cleanup };
        for setting in BACKLOG.chunks(2) {
            control.set(setting)?;
        }
        Ok(control)
    }

    /// Changes a setting, or adds a rule.
    pub(super) fn set(&self, arguments: &[&str]) -> Result<()> {
        command::capture(Command::new(&self.program).args(arguments)).map(drop)
    }

    pub(super) fn remove_rules(&self) -> Result<()> {
        self.set(&["-D"])
    }

    pub(super) fn status(&self) -> Result<Status> {
        Ok(Status::parse(&command::capture(Command::new(&self.program).arg("-s"))?))
    }
}

fn check_free(status: &Status, rules: &str) -> Result<()> {
    let pid = status.get("pid")?;
    if pid != 0 {
        bail!("an audit daemon runs here already (process {pid}); stop it to have it measured");
    }
    if status.get("enabled")? != 0 {
        bail!("audit is switched on here; `auditctl -e 0` switches it off");
    }
    if rules.trim() != "No rules" {
        bail!("this machine has audit rules of its own");
    }
    Ok(())
}

impl Status {
    fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        let values = pairs.filter_map(|(name, value)| Some((name.to_owned(), value.trim().parse().ok()?)));
        Self { values: values.collect() }
    }

    pub(super) fn get(&self, name: &str) -> Result<u64> {
        self.values.get(name).copied().with_context(|| format!("`auditctl -s` does not say `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Status, check_free};

    const FREE: &str = "enabled 0\nfailure 1\npid 0\nlost 12\nloginuid_immutable 0 unlocked\n";

    #[test]
    fn values_are_found_by_name() {
        let status = Status::parse(FREE);
        assert_eq!(status.get("lost").unwrap(), 12);
        assert!(status.get("backlog").unwrap_err().to_string().contains("`backlog`"));
    }

    #[track_caller]
    fn check_refused(status: &str, rules: &str, reason: &str) {
        let error = check_free(&Status::parse(status), rules).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn what_is_in_use_is_left_alone() {
        check_free(&Status::parse(FREE), "No rules").unwrap();
        check_refused("enabled 0\npid 712\n", "No rules", "process 712");
        check_refused("enabled 2\npid 0\n", "No rules", "switched on");
        check_refused(FREE, "-w /etc/passwd -p wa", "rules of its own");
    }
}
