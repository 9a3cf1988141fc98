use std::{collections::HashSet, ops::RangeInclusive};

use anyhow::{Context as _, bail};
use rampart_bus::Encode;
use rampart_model::Severity;
use rampart_sinks::{
    file, slack, syslog,
    wazuh::{self, WazuhEncoder},
    webhook,
};
use rampart_store::spool::Limits;
use serde::Deserialize;

/// A queue smaller than one large finding holds nothing; 64 GiB is a mistake.
const SPOOL_BYTES: RangeInclusive<u64> = 1 << 20..=64 << 30;

/// Longest name of a sink.
const NAME_BYTES: usize = 40;

/// Most sinks: each writes what it has to send to the disk.
const SINKS: usize = 16;

/// Where findings go.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sinks(Vec<SinkConfig>);

impl Default for Sinks {
    /// To standard output alone.
    fn default() -> Self {
        Self(vec![SinkConfig { stdout: Some(StdoutConfig::default()), ..SinkConfig::default() }])
    }
}

/// One sink: what all have, and one of the kinds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SinkConfig {
    /// Its name in metrics, logs and the spool; the kind's if not given.
    name: Option<String>,
    /// The mildest findings that it gets.
    minimum_severity: Severity,
    /// How many bytes of messages that have not arrived are kept on disk.
    spool_bytes: u64,
    stdout: Option<StdoutConfig>,
    wazuh: Option<wazuh::Config>,
    file: Option<file::Config>,
    webhook: Option<webhook::Config>,
    slack: Option<slack::Config>,
    syslog: Option<syslog::Config>,
}

impl Default for SinkConfig {
    fn default() -> Self {
        Self {
            name: None,
            minimum_severity: Severity::Informational,
            spool_bytes: Limits::default().disk_bytes,
            stdout: None,
            wazuh: None,
            file: None,
            webhook: None,
            slack: None,
            syslog: None,
        }
    }
}

/// Standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StdoutConfig {
    /// How findings are written.
    pub(crate) format: StdoutFormat,
}

/// How findings are written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StdoutFormat {
    /// A line for people at a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One JSON object in a line.
    Json,
    /// A line for people.
    Text,
}

/// One of the kinds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'c> {
    Stdout(StdoutConfig),
    Wazuh(&'c wazuh::Config),
    File(&'c file::Config),
    Webhook(&'c webhook::Config),
    Slack(&'c slack::Config),
    Syslog(&'c syslog::Config),
}

/// A sink that is known to be good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'c> {
    pub(super) name: &'c str,
    pub(super) minimum: Severity,
    pub(super) limits: Limits,
    pub(super) kind: Kind<'c>,
}

impl Sinks {
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            bail!("sinks: there is none; leave the key out for standard output");
        }
        if self.0.len() > SINKS {
            bail!("sinks: more than {SINKS}");
        }
        let mut names = HashSet::new();
        for (index, sink) in self.0.iter().enumerate() {
            let entry = sink.entry().with_context(|| format!("sinks[{index}]"))?;
            entry.kind.validate().with_context(|| format!("sinks[{index}], {}", entry.name))?;
            if !names.insert(entry.name) {
                bail!("sinks[{index}]: there is another sink of the name `{}`; give it a name", entry.name);
            }
        }
        let stdouts = self.entries().filter(|entry| matches!(entry.kind, Kind::Stdout(_))).count();
        if stdouts > 1 {
            bail!("sinks: standard output is there twice");
        }
        Ok(())
    }

    /// The sinks; those that [`validate`](Self::validate) refuses are left out.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.0.iter().filter_map(|sink| sink.entry().ok())
    }

    /// The sink to Wazuh's managers of that name; without one, the only one that there is.
    pub(crate) fn wazuh(&self, name: Option<&str>) -> anyhow::Result<(&str, &wazuh::Config)> {
        let mut found = self.entries().filter_map(|entry| match entry.kind {
            Kind::Wazuh(config) if name.is_none_or(|name| name == entry.name) => Some((entry.name, config)),
            _ => None,
        });
        let first = found.next();
        match (first, found.next()) {
            (Some(first), None) => Ok(first),
            (None, _) => bail!("sinks: there is none for Wazuh's managers of that name in the configuration"),
            (Some(_), Some(_)) => bail!("sinks: there are several for Wazuh's managers; say which by --name"),
        }
    }
}

impl SinkConfig {
    fn entry(&self) -> anyhow::Result<Entry<'_>> {
        let kinds = [
            self.stdout.map(Kind::Stdout),
            self.wazuh.as_ref().map(Kind::Wazuh),
            self.file.as_ref().map(Kind::File),
            self.webhook.as_ref().map(Kind::Webhook),
            self.slack.as_ref().map(Kind::Slack),
            self.syslog.as_ref().map(Kind::Syslog),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            bail!("give exactly one of stdout, wazuh, file, webhook, slack, syslog");
        };
        let name = self.name.as_deref().unwrap_or(kind.name());
        let known =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > NAME_BYTES || !name.bytes().all(known) {
            bail!("name: `{name}` is not 1 to {NAME_BYTES} of a-z, 0-9, - and _");
        }
        if !SPOOL_BYTES.contains(&self.spool_bytes) {
            let (least, most) = (SPOOL_BYTES.start(), SPOOL_BYTES.end());
            bail!("spool_bytes: {} is not from {least} to {most}", self.spool_bytes);
        }
        let limits = Limits { disk_bytes: self.spool_bytes, ..Limits::default() };
        Ok(Entry { name, minimum: self.minimum_severity, limits, kind })
    }
}

impl Kind<'_> {
    const fn name(self) -> &'static str {
        match self {
            Self::Stdout(_) => "stdout",
            Self::Wazuh(_) => "wazuh",
            Self::File(_) => "file",
            Self::Webhook(_) => "webhook",
            Self::Slack(_) => "slack",
            Self::Syslog(_) => "syslog",
        }
    }

    fn validate(self) -> anyhow::Result<()> {
        match self {
            Self::Stdout(_) => {}
            Self::Wazuh(config) => config.validate()?,
            Self::File(config) => config.validate()?,
            Self::Webhook(config) => config.validate()?,
            Self::Slack(config) => config.validate()?,
            Self::Syslog(config) => config.validate()?,
        }
        Ok(())
    }

    /// Makes what is kept for it; none where nothing is.
    pub(super) fn encoder(self) -> Option<Box<dyn Encode>> {
        Some(match self {
            Self::Stdout(_) => return None,
            Self::Wazuh(_) => Box::new(WazuhEncoder),
            Self::File(config) => Box::new(config.encoder()),
            Self::Webhook(config) => Box::new(config.encoder()),
            Self::Slack(config) => Box::new(config.encoder()),
            Self::Syslog(config) => Box::new(config.encoder()),
        })
    }
}
