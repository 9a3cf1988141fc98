use std::{
    fs::File,
    io::Read as _,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use rampart_enrich::CpuThreshold;
use rampart_kernel::SensorConfig;
use rampart_runtime::{AlertConfig, RateLimit};
use serde::{Deserialize, Deserializer};

use crate::{
    assessment::Sca, cli::Hooks, delivery::Sinks, feed::Surroundings, node, pods::Kubernetes,
    results::ResultsConfig,
};

/// Largest configuration file, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Smallest and largest ring buffer, in bytes.
const RING_BYTES: RangeInclusive<u32> = 64 << 10..=1 << 30;

/// A hundred processors, and a day.
const CPU_PERCENT: RangeInclusive<u32> = 1..=10_000;
const CPU_SECONDS: RangeInclusive<u32> = 1..=86_400;

/// Seconds between two looks at all processes.
const INTERVAL_SECONDS: u32 = 5;

/// The configuration file. Every key may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The node's name in findings; if not given, what `RAMPART_NODE` in the environment says, or the host's name.
    pub(crate) node: Option<String>,
    /// Folders of rules, `builtin` among them for those in the binary; those alone if not given.
    pub(crate) policies: Vec<PathBuf>,
    /// Whether changes under these folders are noticed, and the rules loaded again; SIGHUP does so in any case.
    pub(crate) watch_policies: bool,
    /// How much of what happens is told one by one.
    pub(crate) alerts: Alerts,
    /// When a process is said to keep a processor busy.
    pub(crate) cpu: Cpu,
    /// Where the host's file systems are: names of users and of containers are read below it.
    pub(crate) host_root: PathBuf,
    /// How the host's configuration is scanned.
    pub(crate) sca: Sca,
    /// What is asked of the API server; nothing if not given.
    #[serde(deserialize_with = "given")]
    pub(crate) kubernetes: Option<Kubernetes>,
    /// Where findings go.
    pub(crate) sinks: Sinks,
    /// Where is kept what is to outlast a restart.
    pub(crate) state: PathBuf,
    /// Size of the ring buffer in bytes: a power of two.
    pub(crate) ring_bytes: u32,
    /// Which hooks may be used: `auto`, the best that the kernel allows, or `tracepoints`.
    pub(crate) hooks: Hooks,
    /// Where to serve /metrics, /healthz and /readyz; nowhere if not given.
    pub(crate) listen: Option<SocketAddr>,
    /// Where to serve /v1/results, and to whom; nowhere if not given.
    pub(crate) results: Option<ResultsConfig>,
    /// What to log: a level, or target=level,…
    pub(crate) log: String,
    /// Held while running, so that there is one agent on a node.
    pub(crate) lock: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            node: None,
            policies: Vec::new(),
            watch_policies: true,
            alerts: Alerts::default(),
            cpu: Cpu::default(),
            host_root: "/".into(),
            sca: Sca::default(),
            kubernetes: None,
            sinks: Sinks::default(),
            state: "/var/lib/rampart".into(),
            ring_bytes: SensorConfig::default().ring_bytes,
            hooks: Hooks::Auto,
            listen: None,
            results: None,
            log: "info".to_owned(),
            lock: "/run/rampart/lock".into(),
        }
    }
}

/// How much of what happens is told one by one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Alerts {
    /// For so many seconds after a finding the same is only counted, and then told with its count; 0: each is told.
    fold_seconds: u32,
    /// So many findings of one rule are let through in a minute, and the others counted; 0: all.
    per_rule_per_minute: u32,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { fold_seconds: 60, per_rule_per_minute: 600 }
    }
}

impl From<Alerts> for AlertConfig {
    fn from(alerts: Alerts) -> Self {
        Self {
            fold: Duration::from_secs(alerts.fold_seconds.into()),
            rate: RateLimit::new(alerts.per_rule_per_minute, Duration::from_mins(1)),
        }
    }
}

/// When a process is said to keep a processor busy. Nobody looks while no rule asks for it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Cpu {
    /// From so much of one processor's time on; several threads together can use more than 100.
    percent: u32,
    /// For at least so many seconds, in every interval of them.
    seconds: u32,
    /// Seconds between two looks at all processes; if not given, 5, or `seconds` where that is less.
    interval_seconds: Option<u32>,
}

impl Default for Cpu {
    fn default() -> Self {
        Self { percent: 90, seconds: 60, interval_seconds: None }
    }
}

impl Cpu {
    fn interval(self) -> u32 {
        self.interval_seconds.unwrap_or_else(|| INTERVAL_SECONDS.min(self.seconds))
    }

    fn validate(self) -> anyhow::Result<()> {
        for (key, value, allowed) in [
            ("percent", self.percent, CPU_PERCENT),
            ("seconds", self.seconds, CPU_SECONDS),
            ("interval_seconds", self.interval(), 1..=self.seconds),
        ] {
            if !allowed.contains(&value) {
                bail!("cpu.{key}: {value} is not from {} to {}", allowed.start(), allowed.end());
            }
        }
        Ok(())
    }
}

impl From<Cpu> for CpuThreshold {
    fn from(cpu: Cpu) -> Self {
        let nanos = |seconds: u32| u64::from(seconds) * 1_000_000_000;
        Self { percent: cpu.percent, span_ns: nanos(cpu.seconds), interval_ns: nanos(cpu.interval()) }
    }
}

impl Config {
    /// Reads a file, or takes the defaults.
    pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let mut text = String::new();
        let opened = File::open(file).with_context(|| format!("{}", file.display()))?;
        opened.take(MAX_SIZE + 1).read_to_string(&mut text).with_context(|| format!("{}", file.display()))?;
        if text.len() as u64 > MAX_SIZE {
            bail!("{}: larger than {MAX_SIZE} bytes", file.display());
        }
        let config = if text.trim().is_empty() {
            Self::default()
        } else {
            rampart_policy::yaml::deserialize(&text)
                .map_err(|error| anyhow!("{}:{}: {error}", file.display(), error.place))?
        };
        config.validate().with_context(|| format!("{}", file.display()))?;
        Ok(config)
    }

    fn validate(&self) -> anyhow::Result<()> {
        if !self.ring_bytes.is_power_of_two() || !RING_BYTES.contains(&self.ring_bytes) {
            bail!(
                "ring_bytes: {} is not a power of two from {} to {}",
                self.ring_bytes,
                RING_BYTES.start(),
                RING_BYTES.end()
            );
        }
        if !self.host_root.is_absolute() || !self.host_root.is_dir() {
            bail!("host_root: {} is not the absolute path of a folder", self.host_root.display());
        }
        if !self.state.is_absolute() {
            bail!("state: {} is not an absolute path", self.state.display());
        }
        self.sinks.validate()?;
        self.kubernetes.as_ref().map_or(Ok(()), Kubernetes::validate)?;
        self.sca.validate()?;
        if let Some(results) = &self.results {
            if !self.sca.enabled {
                bail!("results: there are none with `sca: {{ enabled: false }}`");
            }
            results.validate()?;
        }
        self.cpu.validate()
    }

    /// How the sensor is to be set up.
    pub(crate) fn sensor(&self) -> SensorConfig {
        SensorConfig { ring_bytes: self.ring_bytes, hooks: self.hooks.into() }
    }

    /// What is looked at besides the kernel's events.
    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings { host_root: self.host_root.clone(), threshold: self.cpu.into(), pods: None }
    }

    /// Where a sink keeps what is its own.
    pub(crate) fn sink_folder(&self, sink: &str) -> PathBuf {
        self.state.join(sink)
    }

    /// The node's name.
    pub(crate) fn node_name(&self) -> String {
        node::name(self.node.as_deref(), node::given().as_deref())
    }
}

/// A section that is there and empty is there.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Kubernetes>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_files_say_what_and_where() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rampart.yml");
        for (text, expected) in [
            ("ring_bytes: 1000\n", "ring_bytes: 1000 is not a power of two"),
            ("node: a\nnonsense: 1\n", "rampart.yml:2:1: "),
            ("cpu: {percent: 0}\n", "cpu.percent: 0 is not from 1 to 10000"),
            ("cpu: {seconds: 100000}\n", "cpu.seconds: 100000 is not from 1 to 86400"),
            ("cpu: {interval_seconds: 61}\n", "cpu.interval_seconds: 61 is not from 1 to 60"),
            ("cpu: {seconds: 0}\n", "cpu.seconds: 0 is not"),
            ("host_root: host\n", "host_root: host is not the absolute path of a folder"),
            ("host_root: /dev/null\n", "host_root: /dev/null is not"),
            ("state: here\n", "state: here is not an absolute path"),
            ("sca: {cpu_percent: 0}\n", "sca.cpu_percent: 0 is not from 1 to 100"),
            ("sca: {interval_seconds: 5}\n", "sca.interval_seconds: 5 is not from 60 to"),
            ("sca: {levels: {cis_linux: 3}}\n", "sca.levels.cis_linux: 3 is not from 1 to 2"),
            ("sca: {policies: []}\n", "sca.policies: there is none"),
            ("kubernetes: {kubeconfig: here}\n", "kubernetes.kubeconfig: here is not an absolute path"),
            ("kubernetes: {labels: [a b]}\n", "kubernetes.labels: `a b` is no label's name"),
            ("kubernetes: {wait_milliseconds: 10001}\n", "kubernetes.wait_milliseconds: 10001 is not from 0"),
            ("kubernetes:\n  lables: []\n", "rampart.yml:2:3: "),
            ("sinks: []\n", "sinks: there is none"),
            ("sinks: [{}]\n", "sinks[0]: give exactly one of stdout, wazuh"),
            ("sinks: [{stdout: {}, file: {path: /a}}]\n", "sinks[0]: give exactly one of stdout, wazuh"),
            (
                "sinks: [{file: {path: /a}}, {file: {path: /b}}]\n",
                "sinks[1]: there is another sink of the name `file`",
            ),
            ("sinks: [{name: A, stdout: {}}]\n", "name: `A` is not 1 to 40 of a-z"),
            ("sinks: [{spool_bytes: 1, file: {path: /a}}]\n", "sinks[0]: spool_bytes: 1 is not from"),
            ("sinks:\n- file:\n    path: a\n", "sinks[0], file: path: a is not the absolute path"),
            ("sinks:\n- wazuh:\n    managers: []\n", "sinks[0], wazuh: managers: 0 is not from 1 to 32"),
            ("sinks:\n- wazuh:\n    managers: [m]\n    versoin: 1\n", "rampart.yml:4:5: "),
            ("sinks:\n- slack: {url_from: hunter2}\n", "a secret does not stand here; give where it is"),
            ("sinks:\n- slack: {url_from: 4711}\n", "a secret does not stand here; give where it is"),
            (
                "sinks:\n- slack: {url_from: {value: hunter2}}\n",
                "give where the secret is: either {file: PATH}",
            ),
            ("listen: nowhere\n", "rampart.yml:1:"),
            ("results: {listen: 127.0.0.1:1}\n", "rampart.yml:1:"),
            (
                "results: {listen: 127.0.0.1:1, tls: {certificate_file: /a, key_file: b}}\n",
                "results.tls.key_file: b is not an absolute path",
            ),
            (
                "results: {listen: 127.0.0.1:1, tls: {certificate_file: /a, key_file: /b}, audiences: []}\n",
                "results.audiences: 0 are not from 1 to 8",
            ),
            (
                "results: {listen: 127.0.0.1:1, tls: {certificate_file: /a, key_file: /b}, audiences: [a b]}\n",
                "results.audiences: \"a b\" is not",
            ),
            (
                "sca: {enabled: false}\nresults: {listen: 127.0.0.1:1, tls: {certificate_file: /a, key_file: /b}}\n",
                "results: there are none",
            ),
            ("node: [\n", "rampart.yml:"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = format!("{:#}", Config::load(Some(&file)).unwrap_err());
            assert!(error.contains(expected), "{text:?}: {error}");
            assert!(!error.contains("hunter2") && !error.contains("4711"), "{error}");
        }
        assert!(Config::load(Some(&folder.path().join("missing"))).is_err());
    }

    #[test]
    fn nothing_needs_to_be_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rampart.yml");
        std::fs::write(&file, "").unwrap();
        let empty = Config::load(Some(&file)).unwrap();
        assert_eq!((empty.ring_bytes, empty.kubernetes.is_some()), (8 << 20, false));
        for text in ["kubernetes: {}\n", "kubernetes:\n"] {
            std::fs::write(&file, text).unwrap();
            let section = Config::load(Some(&file)).unwrap().kubernetes.unwrap();
            assert_eq!(section.wait(), Duration::from_secs(1), "{text}");
        }
        std::fs::write(&file, "node: n1\nlisten: 127.0.0.1:9465\n").unwrap();
        assert_eq!(Config::load(Some(&file)).unwrap().node_name(), "n1");
        std::fs::write(&file, "sinks: [{slack: {url_from: {file: /a}}}, {webhook: {url_from: {env: B}}}]\n")
            .unwrap();
        Config::load(Some(&file)).unwrap();
        std::fs::write(&file, "cpu: {seconds: 2}\n").unwrap();
        assert_eq!(Config::load(Some(&file)).unwrap().cpu.interval(), 2);
    }
}
