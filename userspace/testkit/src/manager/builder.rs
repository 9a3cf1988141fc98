//! How a manager is to be.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use super::{
    Manager, certificates::CertificateOptions, enrolment::Force, keys::KeyStore, lie::Lie, records::Keep,
    version::Version,
};

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
    pub(super) password: Option<String>,
    pub(super) hostname: String,
    pub(super) groups: Vec<String>,
    pub(super) force: Force,
    pub(super) certificate: CertificateOptions,
    pub(super) is_worker: bool,
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
            password: None,
            hostname: "wazuh-manager".to_owned(),
            groups: vec!["default".to_owned()],
            force: Force::default(),
            certificate: CertificateOptions::default(),
            is_worker: false,
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

    /// What agents must know to enrol. Default: nothing.
    #[must_use]
    pub fn password(self, password: &str) -> Self {
        Self { password: Some(password.to_owned()), ..self }
    }

    /// The name that no agent may have, since the manager has it. Default: `wazuh-manager`.
    #[must_use]
    pub fn hostname(self, hostname: &str) -> Self {
        Self { hostname: hostname.to_owned(), ..self }
    }

    /// Groups that agents may ask for. Default: `default`.
    #[must_use]
    pub fn groups(self, groups: &[&str]) -> Self {
        Self { groups: groups.iter().map(|group| (*group).to_owned()).collect(), ..self }
    }

    /// When an agent may take another's place. Default: as in the field.
    #[must_use]
    pub fn force(self, force: Force) -> Self {
        Self { force, ..self }
    }

    /// A manager of a cluster that enrols nobody: connections to its port for that are refused.
    #[must_use]
    pub fn worker(self) -> Self {
        Self { is_worker: true, ..self }
    }

    /// Names and addresses in the certificate. Default: those of this host as it sees itself.
    #[must_use]
    pub fn certificate_names(mut self, names: &[&str]) -> Self {
        self.certificate.names = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// The key of the authority, as [`Manager::authority_key_pem`] gives it: who trusts a manager's authority trusts one
    /// that is started again with it. Default: a new one.
    #[must_use]
    pub fn authority_key(mut self, pem: &str) -> Self {
        self.certificate.authority_key = Some(pem.to_owned());
        self
    }

    /// A certificate that was good until 2021.
    #[must_use]
    pub fn expired_certificate(mut self) -> Self {
        self.certificate.is_expired = true;
        self
    }

    /// A certificate by another authority than [`Manager::authority_pem`].
    #[must_use]
    pub fn foreign_certificate(mut self) -> Self {
        self.certificate.is_foreign = true;
        self
    }

    /// Whoever enrols must have a certificate, such as [`Manager::client_pem`].
    #[must_use]
    pub fn wants_client_certificate(mut self) -> Self {
        self.certificate.wants_client = true;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When an address cannot be had, or no certificate can be made.
    pub fn start(self) -> io::Result<Manager> {
        Manager::new(self)
    }
}
