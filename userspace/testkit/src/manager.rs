//! A strict fake of Wazuh's manager 4.x: what agents enrol at and send their events to.
//!
//! It is written from the facts of the protocol alone, and shares no code with the agent's side, so that what both
//! would understand wrongly in the same way shows. Every deviation from the protocol is a [violation](Manager::violations).

mod builder;
mod certificates;
mod cipher;
mod connection;
mod control;
mod count;
mod digest;
mod door;
mod enrolment;
mod event;
mod intake;
mod keepalive;
mod keys;
mod lie;
mod link;
mod open;
mod records;
mod registration;
mod reply;
mod sca;
mod seal;
mod shared;
mod version;

use std::{
    fmt, io,
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

pub use self::{
    builder::ManagerBuilder,
    certificates::Pem,
    control::{Control, ControlContent},
    enrolment::{Force, Request},
    event::Received,
    keepalive::{Keepalive, Label},
    keys::{Key, KeyStore},
    lie::Lie,
    records::{Keep, Seen},
    registration::Registration,
};
use self::{certificates::Certificates, door::Door, keys::locked, shared::Shared};

/// How often [`Manager::wait_for`] looks again.
const LOOK: Duration = Duration::from_millis(2);

/// A manager that runs until it is dropped: then all its sockets are closed at once, as those of a killed process are.
pub struct Manager {
    shared: Arc<Shared>,
    certificates: Arc<Certificates>,
    events: Door,
    enrolment: Door,
}

impl fmt::Debug for Manager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Manager at {}", self.events.address())
    }
}

impl Manager {
    /// One that lets in everybody who is not too new, at free ports.
    ///
    /// # Errors
    /// When there is no port, or no certificate can be made.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// To say how it is to be.
    #[must_use]
    pub fn builder() -> ManagerBuilder {
        ManagerBuilder::default()
    }

    fn new(options: ManagerBuilder) -> io::Result<Self> {
        let certificates = Arc::new(Certificates::make(&options.certificate)?);
        // The port is known before anybody can connect: the node has it for its name.
        let events = Door::reserve(options.events)?;
        let enrolment = Door::reserve(options.enrolment)?;
        let shared = Arc::new(Shared::new(options, events.address().port()));
        let of_events = Arc::clone(&shared);
        let events =
            events.door(Arc::new(move |stream, peer| of_events.connect(stream, peer, connection::serve)));
        let (of_enrolment, for_clients) = (Arc::clone(&shared), Arc::clone(&certificates));
        let enrolment = enrolment.door(Arc::new(move |stream, peer| {
            let certificates = Arc::clone(&for_clients);
            of_enrolment
                .connect(stream, peer, move |shared, link| enrolment::serve(shared, &certificates, link));
        }));
        let manager = Self { shared, certificates, events, enrolment };
        manager.refuse_connections(false)?;
        Ok(manager)
    }

    /// Where agents enrol.
    #[must_use]
    pub fn enrolment_address(&self) -> SocketAddr {
        self.enrolment.address()
    }

    /// The certificate of the authority whom agents that enrol can trust, as PEM.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        &self.certificates.authority
    }

    /// The authority's private key, as PEM.
    #[must_use]
    pub fn authority_key_pem(&self) -> &str {
        &self.certificates.authority_key
    }

    /// A certificate for an agent, by the authority that a manager trusts that [wants
    /// one](ManagerBuilder::wants_client_certificate).
    #[must_use]
    pub fn client_pem(&self) -> &Pem {
        &self.certificates.client
    }

    /// Where events are taken.
    #[must_use]
    pub fn events_address(&self) -> SocketAddr {
        self.events.address()
    }

    /// The database of agents.
    #[must_use]
    pub fn keys(&self) -> KeyStore {
        self.shared.options.keys.clone()
    }
}

/// What it has seen.
impl Manager {
    /// How many events were taken, of whatever location: the agent's own words (`wazuh-agent`) too.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.shared.records.count()
    }

    /// All events, in order, of all agents; none unless they are [kept](Keep::All).
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.records.received()
    }

    /// The same, which are forgotten with this; [`count`](Self::count) is not.
    #[must_use]
    pub fn take(&self) -> Vec<Received> {
        self.shared.records.take()
    }

    /// All that has been seen since this was called last, which is forgotten with it: so a manager can run for long.
    #[must_use]
    pub fn drain(&self) -> Seen {
        self.shared.records.drain()
    }

    /// The messages of one location, as text, in order.
    #[must_use]
    pub fn messages(&self, location: &str) -> Vec<String> {
        let received = self.received();
        received.iter().filter(|event| event.location == location).map(Received::text).collect()
    }

    /// The numbers that were found in the events, in order ([`Keep::Ids`]).
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        self.shared.records.ids()
    }

    /// What agents said to the manager itself, in order.
    #[must_use]
    pub fn controls(&self) -> Vec<Control> {
        locked(&self.shared.records.controls).clone()
    }

    /// Every request to enrol, in order, with the answer.
    #[must_use]
    pub fn registrations(&self) -> Vec<Registration> {
        locked(&self.shared.records.registrations).clone()
    }

    /// Every deviation from the protocol: with the agent's id, or the peer's address where it is not known. The first
    /// thousand.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.shared.records.violations()
    }

    /// Who was not let in, for reasons that are no violations: a version that is too high, an id that nobody has.
    #[must_use]
    pub fn refusals(&self) -> Vec<String> {
        locked(&self.shared.records.refusals).clone()
    }

    /// How many connections there have been, to both ports.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections()
    }

    /// Whether an agent is there: connected, with its startup acknowledged.
    #[must_use]
    pub fn has(&self, agent_id: &str) -> bool {
        self.shared.links().iter().filter_map(|link| link.started()).any(|agent| agent.key.id == agent_id)
    }

    /// Waits until it holds, but not longer than the time. Whether it holds.
    pub fn wait_for(&self, time: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let deadline = Instant::now() + time;
        loop {
            if holds(self) {
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            thread::sleep(LOOK);
        }
    }
}

/// What is done to it.
impl Manager {
    /// Accepts and reads nothing, and so answers nothing, until it is called with `false`. What was read before is
    /// looked at afterwards.
    pub fn stall(&self, on: bool) {
        self.shared.stall(on);
    }

    /// With `true` it answers startups and keepalives, as from the beginning; with `false` it does not, and reads on.
    pub fn ack(&self, on: bool) {
        self.lie((!on).then_some(Lie::AckNever));
    }

    /// Lies from now on, or no longer.
    pub fn lie(&self, lie: impl Into<Option<Lie>>) {
        *locked(&self.shared.lie) = lie.into();
    }

    /// Closes all connections at once; new ones are taken.
    pub fn drop_connections(&self) {
        for link in self.shared.links() {
            link.close();
        }
    }

    /// Shuts both ports, or opens them again. Connections that there are stay.
    ///
    /// # Errors
    /// When a port cannot be opened again.
    pub fn refuse_connections(&self, on: bool) -> io::Result<()> {
        if on {
            self.events.shut();
        } else {
            self.events.open()?;
        }
        self.refuse_enrolment(on)
    }

    /// The same with the port where agents enrol only; a worker's stays shut.
    ///
    /// # Errors
    /// When it cannot be opened again.
    pub fn refuse_enrolment(&self, on: bool) -> io::Result<()> {
        if on || self.shared.options.is_worker {
            self.enrolment.shut();
            return Ok(());
        }
        self.enrolment.open()
    }

    /// As if the process were killed: ports and connections are closed at once. What it has seen stays.
    pub fn kill(&self) {
        self.events.shut();
        self.enrolment.shut();
        self.drop_connections();
    }

    /// After [`kill`](Self::kill): the same manager again, with its keys, counters and ports.
    ///
    /// # Errors
    /// When a port cannot be opened again.
    pub fn revive(&self) -> io::Result<()> {
        self.refuse_connections(false)
    }

    /// Says something to an agent that has started: any text of a control message, such as `#!-force_reconnect`.
    ///
    /// # Errors
    /// When the agent is not there, or does not read.
    pub fn send(&self, agent_id: &str, text: &[u8]) -> io::Result<()> {
        for link in self.shared.links() {
            if let Some(agent) = link.started().filter(|agent| agent.key.id == agent_id) {
                return link.send(&agent, text);
            }
        }
        Err(io::Error::new(io::ErrorKind::NotConnected, format!("the agent {agent_id} is not there")))
    }

    /// Asks for all results of a policy, as a manager does whose database differs. `first`: with a summary at the end,
    /// and soon.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn request_sca_dump(&self, agent_id: &str, policy: &str, first: bool) -> io::Result<()> {
        self.send(agent_id, format!("#!-sca-dump:{policy}:{}", u8::from(first)).as_bytes())
    }

    /// The shared file that agents are to have from now on: pushed to all that are there, and to those whose keepalive
    /// says that they have another.
    ///
    /// # Errors
    /// When an agent does not read.
    pub fn push_merged(&self, file: &[u8]) -> io::Result<()> {
        *locked(&self.shared.file) = Some(file.into());
        for link in self.shared.links() {
            if let Some(agent) = link.started() {
                link.send_all(&agent, &reply::push(file))?;
            }
        }
        Ok(())
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        self.shared.stop();
        self.kill();
    }
}
