use std::{error::Error, io, iter};

use crate::{AgentVersion, ConnectError, EnrolError, FileError, FrameError, KeyFileError, OpenError};
use rampart_tls::TlsError;

/// Why no manager serves us.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No connection to it.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It took the connection, and said nothing to our start.
    #[error("the manager does not answer")]
    Unanswered,
    /// It closed the connection instead of an answer to our start.
    #[error("the manager closes the connection as soon as we say who we are")]
    ClosedAtStart,
    /// The same, while it may still hold the connection that was lost before.
    #[error("the manager closes the connection, as it does while it holds our last one")]
    Held,
    /// It refuses every version that we may say we are.
    #[error("the manager is older than {lowest}, the lowest version that we say we are")]
    Version {
        /// The last that was refused.
        lowest: AgentVersion,
    },
    /// It refuses us, and says why.
    #[error("the manager refuses us: {0}")]
    Refused(String),
    /// It closed the connection.
    #[error("the manager has closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] io::Error),
    /// It acknowledges nothing any more, or takes nothing any more.
    #[error("the manager acknowledges nothing any more")]
    Silent,
    /// What it sends has no right form.
    #[error("the manager's messages cannot be read")]
    Frame(#[from] FrameError),
    /// What it sends cannot be opened with our key.
    #[error("the manager's message does not open with our key")]
    Garbled(#[from] OpenError),
    /// It gives us no key.
    #[error("no key from the manager")]
    Enrolment(#[from] EnrolError),
    /// The password for it cannot be had.
    #[error("the password for enrolment cannot be read")]
    Password(#[source] Box<dyn Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("enrolment needs TLS")]
    Tls(#[from] TlsError),
    /// The manager's name cannot be one in a certificate.
    #[error("the manager's name is none that a certificate can have")]
    ServerName,
    /// There is no key, and enrolment is off.
    #[error("there is no key, and enrolment is off")]
    NoKey,
    /// The file of our key.
    #[error("the key cannot be kept")]
    Key(#[from] KeyFileError),
    /// The file of the counter.
    #[error("the counter of messages cannot be kept")]
    Counter(#[from] FileError),
}

impl Trouble {
    /// A short name: one out of a fixed set, for a metric's label.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Connect(ConnectError::Resolve { .. }) => "resolve",
            Self::Connect(ConnectError::Unreachable { .. }) => "unreachable",
            Self::Unanswered => "unanswered",
            Self::ClosedAtStart => "closed_at_start",
            Self::Held => "held",
            Self::Version { .. } => "version",
            Self::Refused(_) => "refused",
            Self::Closed => "closed",
            Self::Broken(_) => "broken",
            Self::Silent => "silent",
            Self::Frame(_) => "frame",
            Self::Garbled(_) => "garbled",
            Self::Enrolment(error) => error.kind(),
            Self::Password(_) => "password",
            Self::Tls(_) => "tls",
            Self::ServerName => "server_name",
            Self::NoKey => "no_key",
            Self::Key(_) => "key_file",
            Self::Counter(_) => "counter_file",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Connect(ConnectError::Resolve { .. }) => {
                "check the manager's name, and that this node's DNS knows it"
            }
            Self::Connect(ConnectError::Unreachable { .. }) => {
                "check that the manager runs, its address and port, and the network policies and firewalls on the way"
            }
            Self::Unanswered | Self::Silent => {
                "check the manager's load and its log; another manager is tried meanwhile"
            }
            Self::ClosedAtStart => {
                "the manager does not know our key, or another agent uses it: look for this agent in the manager's list; \
                 we enrol again if it goes on"
            }
            Self::Held => "nothing: the manager lets go of the old connection within a minute or so",
            Self::Version { .. } => "set a lower version for this agent, or let the manager take higher ones",
            Self::Refused(_) | Self::Closed | Self::Broken(_) => "look into the manager's log",
            Self::Frame(_) | Self::Garbled(_) => {
                "check that the address is a Wazuh manager's port for agents (1514), and that the manager has our key"
            }
            Self::Enrolment(error) => error.help(),
            Self::Password(_) => "put the password where the configuration says",
            Self::Tls(_) => "correct the certificate files that the configuration names",
            Self::ServerName => "name the manager by a name in the DNS or by its address",
            Self::NoKey => "turn enrolment on, or put the agent's line of client.keys into the key file",
            Self::Key(_) | Self::Counter(_) => {
                "make the agent's data folder writable for it, with room on its disk"
            }
        }
    }

    /// Whether the manager may not have noticed that the connection has ended, and so hold on to it.
    pub(crate) fn may_be_unnoticed(&self) -> bool {
        match self {
            Self::Silent | Self::Unanswered | Self::Garbled(_) | Self::Frame(FrameError::TooLong { .. }) => {
                true
            }
            Self::Broken(error) => {
                !matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            }
            _ => false,
        }
    }

    /// The whole story in one line: this error and all below it.
    #[must_use]
    pub fn explain(&self) -> String {
        let below = iter::successors(self.source(), |error| (*error).source());
        let mut text = self.to_string();
        for error in below {
            let error = error.to_string();
            // Some repeat their source in their own words.
            if !text.contains(&error) {
                text.push_str(": ");
                text.push_str(&error);
            }
        }
        text
    }
}
