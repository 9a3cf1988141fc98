use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::time::{Instant, sleep};

use super::{ClientConfig, EnrolmentSettings};
use crate::{
    AgentKey, EnrolError, Enrolment, KeyFile, Ladder, ManagerAddress, Refusal, State, Status, Trouble,
    backoff::Backoff, enrol,
};

/// Looks for our key, and asks each manager once for one if there is none. Tells whether it was there already.
///
/// # Errors
/// Why each manager has given none, in their order; or why the key's file cannot be used.
pub async fn register(config: ClientConfig) -> Result<(AgentKey, bool), Vec<(String, Trouble)>> {
    let mut ladder = Ladder::new(config.version);
    let registration = Registration::new(Arc::new(config), Status::new());
    let config = Arc::clone(&registration.config);
    match registration.file.load() {
        Ok(Some(key)) if registration.is_ours(&key) => return Ok((key, true)),
        Ok(_) => {}
        Err(error) => return Err(vec![(String::new(), error.into())]),
    }
    let Some(settings) = &config.enrolment else { return Err(vec![(String::new(), Trouble::NoKey)]) };
    let mut troubles = Vec::new();
    for manager in &config.managers {
        match registration.ask(manager, settings, &mut ladder, None).await {
            Ok(key) => return Ok((key, false)),
            Err(trouble) => troubles.push((manager.enrolment().to_string(), trouble)),
        }
    }
    Err(troubles)
}

/// Our key: from its file, or from a manager.
#[derive(Debug)]
pub(super) struct Registration {
    config: Arc<ClientConfig>,
    status: Status,
    file: KeyFile,
    key: Option<AgentKey>,
    backoff: Backoff,
    /// When each manager may be asked again that has refused us for a reason that will last.
    not_before: Vec<Option<Instant>>,
}

impl Registration {
    pub(super) fn new(config: Arc<ClientConfig>, status: Status) -> Self {
        Self {
            file: KeyFile::new(config.key_file.clone()),
            key: None,
            backoff: Backoff::new(config.limits.enrol_pause, config.limits.longest_pause),
            not_before: vec![None; config.managers.len()],
            status,
            config,
        }
    }

    /// The key. It asks for one, with pauses, for as long as there is none.
    pub(super) async fn key(&mut self, ladder: &mut Ladder) -> AgentKey {
        loop {
            if let Some(key) = &self.key {
                return key.clone();
            }
            match self.file.load() {
                Ok(Some(key)) if self.is_ours(&key) => self.set(key),
                Ok(_) => {
                    if !self.ask_all(ladder, None).await {
                        self.rest().await;
                    }
                }
                // A key that is there and cannot be read is not replaced: we would be another agent.
                Err(error) => {
                    self.status.add_trouble("", error.into());
                    self.rest().await;
                }
            }
        }
    }

    /// Asks for another key because managers turn this one away. Whoever still knows it says so, and then it stays.
    pub(super) async fn renew(&mut self, ladder: &mut Ladder) {
        let hash = self.key.as_ref().map(AgentKey::hash);
        if self.config.enrolment.is_some() && self.ask_all(ladder, hash).await {
            tracing::warn!("the managers did not know our key any more: we have another one");
        }
    }

    /// A key for another name is somebody else's: it came with a copy of the folder.
    fn is_ours(&self, key: &AgentKey) -> bool {
        let is_ours = self.config.enrolment.is_none() || key.name() == self.config.name;
        if !is_ours {
            tracing::warn!(
                of = key.name(),
                name = self.config.name,
                "the key is another agent's: we enrol by our own name"
            );
        }
        is_ours
    }

    fn set(&mut self, key: AgentKey) {
        self.status.set_agent_id(key.id());
        self.key = Some(key);
    }

    /// Asks each manager in turn. Tells whether there is a key now.
    async fn ask_all(&mut self, ladder: &mut Ladder, hash: Option<String>) -> bool {
        let config = Arc::clone(&self.config);
        let Some(settings) = &config.enrolment else {
            self.status.add_trouble("", Trouble::NoKey);
            return false;
        };
        for (index, manager) in config.managers.iter().enumerate() {
            let not_before = self.not_before.get(index).copied().flatten();
            if not_before.is_some_and(|not_before| Instant::now() < not_before) {
                continue;
            }
            let name: Arc<str> = manager.enrolment().to_string().into();
            self.status.set_state(State::Enrolling(Arc::clone(&name)));
            match self.ask(manager, settings, ladder, hash.clone()).await {
                Ok(key) => {
                    tracing::info!(manager = &*name, agent = key.id(), "a manager has given us a key");
                    self.status.counters().enrolments.add(1);
                    self.backoff.reset();
                    self.set(key);
                    return true;
                }
                Err(Trouble::Enrolment(error))
                    if hash.is_some() && error.refusal() == Some(Refusal::DuplicateName) =>
                {
                    tracing::info!(manager = &*name, "the manager knows our key: it stays");
                    self.wait_long(index);
                    return false;
                }
                Err(trouble) => {
                    if is_lasting(&trouble) {
                        self.wait_long(index);
                    }
                    self.status.add_trouble(&name, trouble);
                }
            }
        }
        false
    }

    async fn ask(
        &self,
        manager: &ManagerAddress,
        settings: &EnrolmentSettings,
        ladder: &mut Ladder,
        key_hash: Option<String>,
    ) -> Result<AgentKey, Trouble> {
        let limits = &self.config.limits;
        let host = manager.host.split_once('%').map_or(manager.host.as_str(), |(host, _)| host);
        let server = ServerName::try_from(host.to_owned()).map_err(|_| Trouble::ServerName)?;
        let mut enrolment = Enrolment {
            name: self.config.name.clone(),
            version: ladder.current(),
            groups: settings.groups.clone(),
            address: settings.address,
            password: (settings.password)().map_err(Trouble::Password)?,
            key_hash,
        };
        let tls = (settings.tls)()?;
        loop {
            let stream = manager.connect(manager.enrolment_port, limits.connect).await?;
            match enrol(stream, server.clone(), Arc::clone(&tls), &enrolment, limits.enrol).await {
                Ok(key) => {
                    ladder.accept();
                    // Before it is used: one that is lost is one that nobody gets again.
                    self.file.store(&key)?;
                    return Ok(key);
                }
                Err(error) if error.refusal() == Some(Refusal::VersionTooHigh) => {
                    enrolment.version = ladder.lower().ok_or(Trouble::Enrolment(error))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn wait_long(&mut self, index: usize) {
        if let Some(not_before) = self.not_before.get_mut(index) {
            *not_before = Some(Instant::now() + self.config.limits.lasting_pause);
        }
    }

    /// The pause when nobody gives us a key.
    async fn rest(&mut self) {
        let now = Instant::now();
        let waits = self.not_before.iter().map(|time| time.map(|time| time.saturating_duration_since(now)));
        // The shortest, if there is one for every manager.
        let all: Option<Vec<_>> = waits.collect();
        let lasting = all.and_then(|waits| waits.into_iter().min()).unwrap_or_default();
        let pause = if lasting.is_zero() { self.backoff.pause() } else { lasting };
        self.status.set_state(State::Waiting(pause));
        sleep(pause).await;
    }
}

/// Whether the same will go wrong again soon.
fn is_lasting(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Enrolment(error) if EnrolError::is_lasting(error))
}
