//! How a manager is to be.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use super::{Manager, keys::KeyStore, lie::Lie, records::Keep, version::Version};

/// A manager that is not started yet. Each method changes one thing, and is named for it.
#[derive(Debug, Clone)]
pub struct ManagerBuilder {
    pub(super) events: SocketAddr,
    pub(super) enrolment: SocketAddr,
    pub(super) keys: KeyStore,
    pub(super) keep: Keep,
    pub(super) max_version: Option<Version>,
    pub(super) overtake: Duration,
    pub(super) keepalive_limit: Duration,
    pub(super) lie: Option<Lie>,
    pub(super) file: Option<Arc<[u8]>>,
}

impl Default for ManagerBuilder {
    fn default() -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            events: free,
            enrolment: free,
            keys: KeyStore::new(),
            keep: Keep::All,
            max_version: Version::parse("v4.14.7"),
            overtake: Duration::from_mins(1),
            keepalive_limit: Duration::from_mins(10),
            lie: None,
            file: None,
        }
    }
}

impl ManagerBuilder {
    /// Where events are taken (1514 in the field). Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn events_address(self, address: SocketAddr) -> Self {
        Self { events: address, ..self }
    }

    /// Where agents enrol (1515 in the field). Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn enrolment_address(self, address: SocketAddr) -> Self {
        Self { enrolment: address, ..self }
    }

    /// The database of agents, to share one between the managers of a cluster, or to start a manager again. Counters are
    /// remembered in it by the port of events.
    #[must_use]
    pub fn keys(self, keys: &KeyStore) -> Self {
        Self { keys: keys.clone(), ..self }
    }

    /// What is kept of events. Default: all.
    #[must_use]
    pub fn keep(self, keep: Keep) -> Self {
        Self { keep, ..self }
    }

    /// The highest version of agents that is let in, at enrolment and at startup. Default: `v4.14.7`.
    ///
    /// # Errors
    /// When it is no version like that.
    pub fn max_version(self, version: &str) -> io::Result<Self> {
        let version = Version::parse(version).ok_or_else(|| io::Error::other("no version like v4.14.7"))?;
        Ok(Self { max_version: Some(version), ..self })
    }

    /// After what silence of its first connection an agent may have a second one. Default: 60 s, as in the field.
    #[must_use]
    pub fn overtake(self, overtake: Duration) -> Self {
        Self { overtake, ..self }
    }

    /// The longest time between two keepalives that is no violation. Default: 10 minutes, after which agents count as
    /// disconnected in the field.
    #[must_use]
    pub fn keepalive_limit(self, keepalive_limit: Duration) -> Self {
        Self { keepalive_limit, ..self }
    }

    /// A lie from the beginning. Default: none.
    #[must_use]
    pub fn lie(self, lie: Lie) -> Self {
        Self { lie: Some(lie), ..self }
    }

    /// The shared file that agents are to have: pushed to those whose keepalive says that they have another. Default:
    /// none.
    #[must_use]
    pub fn merged(self, file: &[u8]) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// Starts it.
    ///
    /// # Errors
    /// When an address cannot be had, or no certificate can be made.
    pub fn start(self) -> io::Result<Manager> {
        Manager::new(self)
    }
}
