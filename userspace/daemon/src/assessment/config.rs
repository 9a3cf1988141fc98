use std::{
    collections::BTreeMap,
    ffi::OsString,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::bail;
use serde::Deserialize;

/// A minute, and a year.
const INTERVAL_SECONDS: RangeInclusive<u32> = 60..=31_536_000;
const CPU_PERCENT: RangeInclusive<u32> = 1..=100;
const COMMAND_SECONDS: RangeInclusive<u32> = 1..=300;
const LEVEL: RangeInclusive<u32> = 1..=2;

/// How the host's configuration is scanned.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sca {
    /// Whether it is.
    pub(crate) enabled: bool,
    /// Whether when the agent starts.
    pub(crate) scan_on_start: bool,
    /// Seconds from one scan to the next; SIGUSR1 asks for one at once.
    interval_seconds: u32,
    /// Policies: files, folders, `builtin` for all that are in the binary, `builtin/NAME` for one.
    policies: Vec<PathBuf>,
    /// Of a policy of CIS, by the name of its file, the level up to which its checks are run.
    levels: BTreeMap<String, u32>,
    /// Per cent of one processor that a scan takes at most, its commands included.
    cpu_percent: u32,
    /// Seconds that one command may run.
    command_seconds: u32,
    /// Whether folders on network file systems are looked into: a server that does not answer holds up the scan.
    network_file_systems: bool,
}

impl Default for Sca {
    fn default() -> Self {
        let policies = ["cis_kubernetes", "cis_linux", "nist_800_53", "runtime_threats"];
        let levels = [("cis_kubernetes", 1), ("cis_linux", 1)];
        Self {
            enabled: true,
            scan_on_start: true,
            interval_seconds: 12 * 3600,
            policies: policies.map(|name| Path::new(rampart_policy::BUILTIN).join(name)).into(),
            levels: levels.map(|(name, level)| (name.to_owned(), level)).into(),
            cpu_percent: 25,
            command_seconds: 30,
            network_file_systems: false,
        }
    }
}

impl Sca {
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        let levels = self.levels.iter().map(|(name, level)| (format!("levels.{name}"), *level, LEVEL));
        let others = [
            ("interval_seconds", self.interval_seconds, INTERVAL_SECONDS),
            ("cpu_percent", self.cpu_percent, CPU_PERCENT),
            ("command_seconds", self.command_seconds, COMMAND_SECONDS),
        ];
        let others = others.into_iter().map(|(key, value, allowed)| (key.to_owned(), value, allowed));
        for (key, value, allowed) in others.chain(levels) {
            if !allowed.contains(&value) {
                bail!("sca.{key}: {value} is not from {} to {}", allowed.start(), allowed.end());
            }
        }
        if self.policies.is_empty() {
            bail!("sca.policies: there is none; write `enabled: false` if nothing is to be scanned");
        }
        Ok(())
    }

    /// The policies.
    pub(crate) fn policies(&self) -> &[PathBuf] {
        &self.policies
    }

    /// From one scan to the next.
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds.into())
    }

    /// A name under `levels` that no policy's file has, neither those that are scanned nor those in the binary.
    pub(crate) fn stray_level(&self, files: &[&str]) -> Option<&str> {
        let embedded = rampart_sca::embedded().policies;
        let is_embedded = |name: &str| embedded.iter().any(|policy| policy.stem() == name);
        let names = self.levels.keys().map(String::as_str);
        names.into_iter().find(|name| !files.contains(name) && !is_embedded(name))
    }

    /// The scanner's command line. Levels are those of policies that there are, by the names of their files: the defaults name
    /// some that need not be among them.
    pub(crate) fn arguments(&self, root: &Path, files: &[&str]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--root".into(), root.into()];
        for policy in &self.policies {
            arguments.extend(["--policy".into(), policy.into()]);
        }
        for (name, level) in self.levels.iter().filter(|(name, _)| files.contains(&name.as_str())) {
            arguments.extend(["--level".into(), format!("{name}={level}").into()]);
        }
        for (option, value) in
            [("--cpu-percent", self.cpu_percent), ("--command-timeout", self.command_seconds)]
        {
            arguments.extend([option.into(), value.to_string().into()]);
        }
        if self.network_file_systems {
            arguments.push("--network-file-systems".into());
        }
        arguments
    }
}
