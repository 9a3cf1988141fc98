//! The agents that a manager knows, and their keys.

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aws_lc_rs::rand;

use super::{
    cipher::Cipher,
    count::Count,
    digest::{hex, sha1_text},
};

/// The database of agents. Copies are the same database: managers of a cluster have one between them, and a manager
/// that is started again knows who had enrolled before.
#[derive(Debug, Clone, Default)]
pub struct KeyStore(Arc<Store>);

#[derive(Debug, Default)]
struct Store {
    /// Held by who looks first and adds then.
    admission: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    agents: BTreeMap<String, Arc<Agent>>,
    last: u32,
}

/// An agent's key: a line of `client.keys`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Such as `001`.
    pub id: String,
    /// Name.
    pub name: String,
    /// `any`, an address or a network.
    pub address: String,
    /// 64 hex digits.
    pub secret: String,
}

impl Key {
    /// Reads a line of `client.keys`: `ID NAME IP KEY`.
    ///
    /// # Errors
    /// When it has not these four parts.
    pub fn parse(line: &str) -> io::Result<Self> {
        let mut parts = line.trim_end().split(' ').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(name), Some(address), Some(secret), None) => {
                Ok(Self { id, name, address, secret })
            }
            _ => Err(io::Error::other("no line of `ID NAME IP KEY`")),
        }
    }

    /// As it stands in `client.keys`, without an end of line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {} {} {}", self.id, self.name, self.address, self.secret)
    }

    /// What an agent says of the key that it has when it enrols again: SHA-1 of id, name and secret, as hex.
    #[must_use]
    pub fn sha1(&self) -> String {
        sha1_text(format!("{}{}{}", self.id, self.name, self.secret).as_bytes())
    }

    /// Whether the agent has to name its id in every message.
    pub(super) fn names_its_id(&self) -> bool {
        self.address == "any" || self.address.contains('/')
    }
}

/// Without the secret.
impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {} …", self.id, self.name, self.address)
    }
}

/// An agent, with what managers remember of it.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) key: Key,
    pub(super) cipher: Cipher,
    pub(super) added: Instant,
    removed: AtomicBool,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// The last that each manager (by its port) took from the agent.
    taken: BTreeMap<u16, Count>,
    /// The last that was sent to it, by any manager.
    sent: Count,
    last_seen: Option<Instant>,
    /// Connections, to all managers.
    connections: u32,
}

impl Agent {
    fn new(key: Key) -> io::Result<Self> {
        let cipher = Cipher::new(&key.secret).map_err(|_| io::Error::other("the cipher takes no key"))?;
        Ok(Self {
            key,
            cipher,
            added: Instant::now(),
            removed: AtomicBool::new(false),
            memory: Mutex::default(),
        })
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Relaxed)
    }

    /// Since when it is not there: `None` if it never was, zero if it is.
    pub(super) fn gone_for(&self) -> Option<Duration> {
        let memory = locked(&self.memory);
        let gone = memory.last_seen?.elapsed();
        Some(if memory.connections > 0 { Duration::ZERO } else { gone })
    }

    pub(super) fn connected(&self) {
        locked(&self.memory).connections += 1;
    }

    pub(super) fn disconnected(&self) {
        let mut memory = locked(&self.memory);
        memory.connections = memory.connections.saturating_sub(1);
    }

    /// Takes a message's counters, which must be greater than all that the node has seen.
    pub(super) fn take(&self, node: u16, count: Count) -> Result<(), String> {
        let mut memory = locked(&self.memory);
        memory.last_seen = Some(Instant::now());
        match memory.taken.get(&node) {
            Some(last) if *last >= count => Err(format!("counters {count} after {last}: not greater")),
            _ => {
                memory.taken.insert(node, count);
                Ok(())
            }
        }
    }

    /// The counters of the next message to it.
    pub(super) fn next(&self) -> Count {
        let mut memory = locked(&self.memory);
        memory.sent = memory.sent.next();
        memory.sent
    }
}

impl KeyStore {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an agent with a random key, as an administrator or an enrolment does, and gives the key. Its address is
    /// `any`, or that which is said.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn add(&self, name: &str, address: Option<&str>) -> io::Result<Key> {
        let mut secret = [0; 32];
        rand::fill(&mut secret).map_err(|_| io::Error::other("no randomness"))?;
        let mut state = locked(&self.0.state);
        state.last += 1;
        let key = Key {
            id: format!("{:03}", state.last),
            name: name.to_owned(),
            address: address.unwrap_or("any").to_owned(),
            secret: hex(&secret),
        };
        state.agents.insert(key.id.clone(), Arc::new(Agent::new(key.clone())?));
        Ok(key)
    }

    /// Adds a line of `client.keys`, in place of what had that id.
    ///
    /// # Errors
    /// When it is none.
    pub fn insert(&self, line: &str) -> io::Result<()> {
        let agent = Agent::new(Key::parse(line)?)?;
        let mut state = locked(&self.0.state);
        state.last = state.last.max(agent.key.id.parse().unwrap_or_default());
        let old = state.agents.insert(agent.key.id.clone(), Arc::new(agent));
        if let Some(old) = old {
            old.removed.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Becomes what lines of `client.keys` say, as a manager of a cluster does when another one has enrolled an agent.
    /// Agents whose lines stay are not disturbed.
    ///
    /// # Errors
    /// At the first line that is none; those before it count.
    pub fn follow(&self, lines: &str) -> io::Result<()> {
        let keys = lines.lines().map(Key::parse).collect::<io::Result<Vec<_>>>()?;
        for key in self.keys().iter().filter(|known| keys.iter().all(|key| key.id != known.id)) {
            self.remove(&key.id);
        }
        for key in keys.iter().filter(|key| self.get(&key.id).as_ref() != Some(key)) {
            self.insert(&key.line())?;
        }
        Ok(())
    }

    /// All keys, as lines of `client.keys`.
    #[must_use]
    pub fn lines(&self) -> String {
        self.keys().iter().map(|key| key.line() + "\n").collect()
    }

    /// Forgets an agent, if there is one: what it sends from now on is refused.
    pub fn remove(&self, id: &str) {
        let old = locked(&self.0.state).agents.remove(id);
        if let Some(old) = old {
            old.removed.store(true, Ordering::Relaxed);
        }
    }

    /// All keys, by id.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        locked(&self.0.state).agents.values().map(|agent| agent.key.clone()).collect()
    }

    /// The key of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Key> {
        self.agent(id).map(|agent| agent.key.clone())
    }

    pub(super) fn agent(&self, id: &str) -> Option<Arc<Agent>> {
        locked(&self.0.state).agents.get(id).cloned()
    }

    /// Nobody else enrols meanwhile.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        locked(&self.0.admission)
    }

    /// The first of which it holds.
    pub(super) fn find(&self, holds: impl Fn(&Key) -> bool) -> Option<Arc<Agent>> {
        locked(&self.0.state).agents.values().find(|agent| holds(&agent.key)).cloned()
    }
}

/// A test that panics while it holds a lock has failed already; the others go on.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
