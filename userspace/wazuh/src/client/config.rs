use std::{error::Error, fmt, path::PathBuf, sync::Arc, time::Duration};

use rampart_tls::TlsError;
use rustls::ClientConfig as TlsConfig;
use secrecy::SecretString;

use crate::{AgentVersion, Label, ManagerAddress, SourceAddress, System};

/// Gives the password for enrolment each time that it is needed, so that a new one is used as soon as it is there; none
/// where the manager wants none.
pub type PasswordSource =
    Arc<dyn Fn() -> Result<Option<SecretString>, Box<dyn Error + Send + Sync>> + Send + Sync>;

/// Gives the TLS configuration for enrolment each time that it is needed, so that renewed certificates are used.
pub type TlsSource = Arc<dyn Fn() -> Result<Arc<TlsConfig>, TlsError> + Send + Sync>;

/// Most managers.
const MANAGERS: usize = 32;

/// What a client has to know.
#[derive(Clone)]
pub struct ClientConfig {
    /// The managers, the most preferred first: one at least, 32 at most.
    pub managers: Vec<ManagerAddress>,
    /// The name to enrol by. A key for another name is not used, so that two nodes never share one, unless enrolment is off.
    pub name: String,
    /// The version that we say we are. A manager refuses agents that are newer than itself; then lower ones are tried.
    pub version: AgentVersion,
    /// What the system says of itself.
    pub system: System,
    /// Labels that the manager puts on our alerts.
    pub labels: Vec<Label>,
    /// The file of our key, `client.keys` in form.
    pub key_file: PathBuf,
    /// The file of the counter of messages.
    pub counter_file: PathBuf,
    /// How to get a key; none to use only one that somebody puts into the key file.
    pub enrolment: Option<EnrolmentSettings>,
    /// Bounds.
    pub limits: Limits,
    /// The time, in seconds since 1970.
    pub clock: fn() -> u64,
}

/// How to get a key.
#[derive(Clone)]
pub struct EnrolmentSettings {
    /// Groups to be in; the manager has to know them.
    pub groups: Vec<String>,
    /// Where the manager is to let us connect from; none for everywhere.
    pub address: Option<SourceAddress>,
    /// Where the password is.
    pub password: PasswordSource,
    /// Whom to trust, and who we are.
    pub tls: TlsSource,
}

/// Times and sizes, with the defaults that suit a manager as it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a manager's addresses may take, all together, to take a connection: 5 s.
    pub connect: Duration,
    /// How long an acknowledgement may take: 10 s. After that the manager is lost.
    pub response: Duration,
    /// How long enrolment may take once it is connected: 10 s.
    pub enrol: Duration,
    /// How often the manager hears of us at least: 10 s. It declares an agent lost after minutes.
    pub notify: Duration,
    /// How soon after the last acknowledgement a keepalive is sent to have events confirmed: 1 s.
    pub checkpoint: Duration,
    /// After how many events it is sent at once: 1,024. Half of what the queue gives unconfirmed, so that it never has to wait.
    pub checkpoint_events: usize,
    /// And after how many bytes of events: 1 MiB. A quarter of what the queue gives unconfirmed.
    pub checkpoint_bytes: usize,
    /// The pause when no manager serves us: 1 s at first,
    pub first_pause: Duration,
    /// and 60 s at last.
    pub longest_pause: Duration,
    /// The first pause when no manager gives us a key: 5 s, up to the same longest.
    pub enrol_pause: Duration,
    /// The pause after a refusal that will last, such as a wrong password: 5 min.
    pub lasting_pause: Duration,
    /// How often a manager that is preferred to the one in use is looked for: 5 min. Zero for never.
    pub failback: Duration,
    /// In how many rounds through all managers our key must be refused until another is asked for: 3.
    pub refusals: u32,
    /// How long a connection must have lasted for the pauses to begin again with the first: 10 s.
    pub settled: Duration,
    /// How long a manager may hold on to a connection that was lost: 60 s. If it refuses us in this time, that says nothing of
    /// our key.
    pub held: Duration,
    /// How long the last words may take when we are stopped: 200 ms.
    pub leave: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            response: Duration::from_secs(10),
            enrol: Duration::from_secs(10),
            notify: Duration::from_secs(10),
            checkpoint: Duration::from_secs(1),
            checkpoint_events: 1024,
            checkpoint_bytes: 1024 * 1024,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(1),
            enrol_pause: Duration::from_secs(5),
            lasting_pause: Duration::from_mins(5),
            failback: Duration::from_mins(5),
            refusals: 3,
            settled: Duration::from_secs(10),
            held: Duration::from_mins(1),
            leave: Duration::from_millis(200),
        }
    }
}

/// A configuration that cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No manager, or too many.
    #[error("give at least one manager, and at most {MANAGERS}")]
    Managers,
    /// Zero where that has no meaning.
    #[error("a limit of the connection is zero")]
    Limit,
}

impl ClientConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if self.managers.is_empty() || self.managers.len() > MANAGERS {
            return Err(ConfigError::Managers);
        }
        let limits = &self.limits;
        let times = [
            limits.connect,
            limits.response,
            limits.enrol,
            limits.notify,
            limits.first_pause,
            limits.enrol_pause,
        ];
        let counts = [limits.checkpoint_events, limits.checkpoint_bytes];
        if times.iter().any(Duration::is_zero) || limits.refusals == 0 || counts.contains(&0) {
            return Err(ConfigError::Limit);
        }
        Ok(())
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientConfig")
            .field("managers", &self.managers)
            .field("name", &self.name)
            .field("version", &self.version)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EnrolmentSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EnrolmentSettings").field("groups", &self.groups).finish_non_exhaustive()
    }
}
