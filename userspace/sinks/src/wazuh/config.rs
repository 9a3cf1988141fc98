use std::{collections::BTreeMap, ops::RangeInclusive, path::Path, sync::Arc, time::Duration};

use rampart_tls::{Identity, Trust, client_config};
use rampart_wazuh::{
    AgentVersion, ClientConfig, ENROLMENT_PORT, EVENTS_PORT, EnrolmentSettings, Label, Limits,
    ManagerAddress, SourceAddress, System,
};
use serde::Deserialize;

use crate::{ConfigError, Secret, Tls};

/// Managers that are asked in turn.
const MANAGERS: RangeInclusive<usize> = 1..=32;

/// What the protocol takes without cutting it.
const LABELS: usize = 64;
const LABEL_BYTES: usize = 256;

/// Managers take an agent for lost after minutes.
const NOTIFY: RangeInclusive<u32> = 1..=300;
const RESPONSE: RangeInclusive<u32> = 1..=300;

/// For the only manager, and where another one waits. Those that work answer within a fraction of a second; who has no other
/// one gains nothing from an end that comes too soon.
const RESPONSE_OF_ONLY: u32 = 10;
const RESPONSE_OF_ONE: u32 = 5;
const FAILBACK: RangeInclusive<u32> = 0..=86_400;

/// Names of files in the folder of the agent's state.
const KEY_FILE: &str = "client.keys";
const COUNTER_FILE: &str = "sender_counter";

/// Which managers, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The managers, the most preferred first.
    pub managers: Vec<Manager>,
    /// The name to enrol by; the node's if not given. It stays the same for ever: managers know the agent by it.
    pub name: Option<String>,
    /// How to get a key; without, only one that somebody has put into the key file is used.
    pub enrolment: Option<Enrolment>,
    /// The version that we say we are. Managers refuse agents that are newer than they are: then lower ones are tried.
    pub version: Option<String>,
    /// Put on our alerts by the manager, by name.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How often the manager hears of us at least.
    #[serde(default = "notify")]
    pub notify_seconds: u32,
    /// How long an acknowledgement may take before the manager is lost; if not given, 10, or 5 where there is another one.
    pub response_seconds: Option<u32>,
    /// How often a manager that is preferred to the one in use is looked for; 0: never.
    #[serde(default = "failback")]
    pub failback_seconds: u32,
}

const fn notify() -> u32 {
    10
}

const fn failback() -> u32 {
    300
}

/// A manager: its name or address alone, or with ports.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Manager {
    /// With the usual ports.
    Host(String),
    /// With others.
    Full(FullManager),
}

/// A manager with its ports.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FullManager {
    /// Its name or address.
    pub host: String,
    /// Where it takes messages.
    #[serde(default = "events_port")]
    pub port: u16,
    /// Where it enrols agents.
    #[serde(default = "enrolment_port")]
    pub enrolment_port: u16,
}

const fn events_port() -> u16 {
    EVENTS_PORT
}

const fn enrolment_port() -> u16 {
    ENROLMENT_PORT
}

/// How to get a key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Enrolment {
    /// The manager's password for enrolment.
    pub password: Option<Secret>,
    /// Groups to be in; the manager has to know them.
    pub groups: Vec<String>,
    /// Where the manager is to let us connect from: an address, or `src` for the one that we enrol from; everywhere if not
    /// given.
    pub address: Option<String>,
    /// How the manager's certificate is verified.
    pub verify: Verify,
    /// Whom to believe, and who we are.
    pub tls: Tls,
}

/// How the manager's certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Its authority and its name.
    #[default]
    Full,
    /// Its authority alone: the certificate that a manager makes for itself has no useful name. Needs `tls.ca_file`.
    Authority,
    /// Not at all: whoever answers gets the password, and may be the agent's manager.
    None,
}

impl Config {
    /// Looks at what can be known without secrets, files or a manager.
    ///
    /// # Errors
    /// [`ConfigError`] names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.managers()?;
        self.version()?;
        self.labels()?;
        ConfigError::unless_within("notify_seconds", self.notify_seconds, &NOTIFY)?;
        ConfigError::unless_within("response_seconds", self.response(), &RESPONSE)?;
        ConfigError::unless_within("failback_seconds", self.failback_seconds, &FAILBACK)?;
        self.enrolment.as_ref().map_or(Ok(()), Enrolment::validate)
    }

    /// What the protocol's client has to know. `node` is the node's name, `root` where the host's file systems are, `state` the
    /// folder in which the agent keeps its key. `clock` gives the time in seconds since 1970.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn client(
        &self,
        node: &str,
        root: &Path,
        state: &Path,
        clock: fn() -> u64,
    ) -> Result<ClientConfig, ConfigError> {
        self.validate()?;
        let limits = Limits {
            notify: Duration::from_secs(self.notify_seconds.into()),
            response: Duration::from_secs(self.response().into()),
            failback: Duration::from_secs(self.failback_seconds.into()),
            ..Limits::default()
        };
        // In a pod the kernel's name for the host is the pod's.
        let system = System { nodename: node.to_owned(), ..System::detect(root) };
        Ok(ClientConfig {
            managers: self.managers()?,
            name: self.name.clone().unwrap_or_else(|| agent_name(node)),
            version: self.version()?,
            system,
            labels: self.labels()?,
            key_file: state.join(KEY_FILE),
            counter_file: state.join(COUNTER_FILE),
            enrolment: self.enrolment.as_ref().map(Enrolment::settings).transpose()?,
            limits,
            clock,
        })
    }

    /// The managers' addresses.
    ///
    /// # Errors
    /// [`ConfigError`] for one that is none, and for none at all.
    pub fn managers(&self) -> Result<Vec<ManagerAddress>, ConfigError> {
        ConfigError::unless_within("managers", self.managers.len(), &MANAGERS)?;
        self.managers.iter().map(Manager::address).collect()
    }

    fn response(&self) -> u32 {
        let default = if self.managers.len() > 1 { RESPONSE_OF_ONE } else { RESPONSE_OF_ONLY };
        self.response_seconds.unwrap_or(default)
    }

    fn version(&self) -> Result<AgentVersion, ConfigError> {
        let Some(version) = &self.version else { return Ok(AgentVersion::default()) };
        version.parse().map_err(|error| ConfigError::new("version", format!("{error}")))
    }

    fn labels(&self) -> Result<Vec<Label>, ConfigError> {
        if self.labels.len() > LABELS {
            return Err(ConfigError::new("labels", format!("more than {LABELS}")));
        }
        let labels = self.labels.iter().map(|(key, value)| {
            if key.is_empty() || key.len() > LABEL_BYTES || value.len() > LABEL_BYTES {
                let what = format!("`{key}`: name and value have at most {LABEL_BYTES} bytes");
                return Err(ConfigError::new("labels", what));
            }
            Ok(Label { key: key.clone(), value: value.clone(), hidden: false })
        });
        labels.collect()
    }
}

impl Manager {
    fn address(&self) -> Result<ManagerAddress, ConfigError> {
        let wrong = |error| ConfigError::new("managers", format!("{error}"));
        match self {
            Self::Host(text) => text.parse().map_err(wrong),
            Self::Full(full) => {
                let address = ManagerAddress::new(&full.host).map_err(wrong)?;
                Ok(ManagerAddress { port: full.port, enrolment_port: full.enrolment_port, ..address })
            }
        }
    }
}

impl Enrolment {
    fn validate(&self) -> Result<(), ConfigError> {
        self.tls.validate().map_err(|error| ConfigError::new("enrolment", error.to_string()))?;
        self.address()?;
        if self.verify == Verify::Authority && self.tls.ca_file.is_none() {
            let what = "verify: authority needs tls.ca_file, the certificate of the manager's authority";
            return Err(ConfigError::new("enrolment", what));
        }
        Ok(())
    }

    fn address(&self) -> Result<Option<SourceAddress>, ConfigError> {
        let wrong = |address: &String| {
            ConfigError::new("enrolment", format!("address: `{address}` is neither an address nor `src`"))
        };
        self.address.as_ref().map(|address| address.parse().map_err(|_| wrong(address))).transpose()
    }

    fn settings(&self) -> Result<EnrolmentSettings, ConfigError> {
        let password = self.password.clone();
        let (trust, tls) = (self.trust(), self.tls.clone());
        if let Some(concession) = trust.concession() {
            tracing::warn!(concession, "the manager's certificate is not verified in full");
        }
        Ok(EnrolmentSettings {
            groups: self.groups.clone(),
            address: self.address()?,
            password: Arc::new(move || {
                let secret = password.as_ref().map(Secret::read).transpose();
                secret.map_err(Into::into)
            }),
            tls: Arc::new(move || {
                let identity = tls.certificate_file.clone().zip(tls.key_file.clone());
                let identity = identity.map(|(certificate, key)| Identity { certificate, key });
                client_config(&trust, identity.as_ref())
            }),
        })
    }

    fn trust(&self) -> Trust {
        match (self.verify, &self.tls.ca_file) {
            (Verify::None, _) => Trust::Any,
            (Verify::Full | Verify::Authority, None) => Trust::System,
            (Verify::Full, Some(file)) => Trust::Authorities { file: file.clone() },
            (Verify::Authority, Some(file)) => Trust::AuthoritiesAnyName { file: file.clone() },
        }
    }
}

/// What a manager takes as a name: other characters become `-`, and one that is too short is filled up.
fn agent_name(node: &str) -> String {
    let known = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let mut name: String =
        node.chars().take(128).map(|character| if known(character) { character } else { '-' }).collect();
    while name.len() < 2 {
        name.push('-');
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config(more: &Value) -> Config {
        let mut whole = json!({ "managers": ["m"] });
        whole.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn what_cannot_be_is_named() {
        let long = "x".repeat(257);
        for (more, expected) in [
            (json!({ "managers": [] }), "managers: 0 is not from 1 to 32"),
            (json!({ "managers": ["a b"] }), "managers: "),
            (json!({ "version": "new" }), "version: "),
            (json!({ "labels": { "a": long } }), "labels: `a`: name and value have at most 256 bytes"),
            (json!({ "notify_seconds": 0 }), "notify_seconds: 0 is not from 1 to 300"),
            (json!({ "response_seconds": 301 }), "response_seconds: 301 is not from 1 to 300"),
            (json!({ "enrolment": { "address": "here" } }), "enrolment: address: `here` is neither"),
            (
                json!({ "enrolment": { "verify": "authority" } }),
                "enrolment: verify: authority needs tls.ca_file",
            ),
            (json!({ "enrolment": { "tls": { "key_file": "/k" } } }), "enrolment: tls: certificate_file and"),
        ] {
            let error = config(&more).validate().unwrap_err().to_string();
            assert!(error.starts_with(expected), "{more}: {error}");
        }
    }

    #[test]
    fn managers_have_the_usual_ports_unless_it_is_said() {
        let managers = json!([
            "m", "10.0.0.2:2514", { "host": "h", "enrolment_port": 7 }, "[::1]:9"
        ]);
        let managers = config(&json!({ "managers": managers })).managers().unwrap();
        let shown: Vec<_> =
            managers.iter().map(|manager| (manager.to_string(), manager.enrolment_port)).collect();
        let expected = [("m:1514", 1515), ("10.0.0.2:2514", 1515), ("h:1514", 7), ("[::1]:9", 1515)];
        assert_eq!(shown, expected.map(|(address, port)| (address.to_owned(), port)));
    }

    #[test]
    fn a_manager_is_lost_sooner_where_there_is_another_one() {
        for (more, seconds) in [
            (json!({}), 10),
            (json!({ "managers": ["m", "n"] }), 5),
            (json!({ "managers": ["m", "n"], "response_seconds": 7 }), 7),
        ] {
            assert_eq!(config(&more).response(), seconds, "{more}");
        }
    }

    #[test]
    fn a_node_is_the_same_agent_every_time() {
        for (more, node, expected) in [
            (json!({}), "worker-1.example", "worker-1.example"),
            (json!({}), "knoten ä", "knoten--"),
            (json!({}), "n", "n-"),
            (json!({ "name": "other" }), "worker-1", "other"),
        ] {
            let client =
                config(&more).client(node, Path::new("/nowhere"), Path::new("/state"), || 0).unwrap();
            assert_eq!((client.name.as_str(), client.system.nodename.as_str()), (expected, node));
            assert_eq!(client.key_file, Path::new("/state/client.keys"));
        }
    }
}
