//! One connection to one manager, from its acknowledgement to its end.

mod checkpoints;
mod commands;
mod dumps;
mod failback;
mod handshake;
mod link;

use std::{collections::VecDeque, fmt::Display, future, net::IpAddr, pin::Pin, vec};

use tokio::time::{Duration, Instant, sleep_until, timeout};

use self::{checkpoints::Checkpoints, dumps::Dumps, failback::Failback};
pub(crate) use self::{
    commands::Complaints,
    handshake::{Started, start},
    link::Link,
};
use crate::{
    Answers, ClientConfig, Keepalive, ManagerAddress, Outgoing, SHUTDOWN, SealError, Status, Trouble,
    shared::SharedFile,
};

/// Why a connection was ended by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// We are told to stop.
    Stopped,
    /// There is nothing more to send, and the manager has all of it.
    Finished,
    /// The manager wants us to connect again.
    Reconnect,
    /// A preferred manager is there again: its place in the list.
    Failback(usize),
}

/// What is carried from one connection to the next.
pub(crate) struct Carried<O, A> {
    pub(crate) outgoing: O,
    pub(crate) answers: A,
    pub(crate) shared: SharedFile,
    pub(crate) complaints: Complaints,
    /// Whether a manager has heard that we have started.
    pub(crate) is_announced: bool,
}

/// What a connection works with.
pub(crate) struct Session<'a, O: Outgoing, A> {
    link: Link<'a>,
    config: &'a ClientConfig,
    status: &'a Status,
    carried: &'a mut Carried<O, A>,
    /// The version that the manager has acknowledged.
    version: String,
    /// Our address on this connection.
    address: Option<IpAddr>,
    flow: Flow<O::Event>,
}

/// Where everything is that is under way.
struct Flow<E> {
    /// Events that were given and not sealed yet.
    events: vec::IntoIter<E>,
    /// Messages about the present state, likewise.
    state: VecDeque<Vec<u8>>,
    dumps: Dumps,
    checkpoints: Checkpoints,
    leaving: Option<Leaving>,
}

#[derive(Debug, Clone, Copy)]
struct Leaving {
    why: Ending,
    until: Instant,
}

/// What a turn has brought.
enum Turn<E> {
    Stop,
    Received(Vec<u8>),
    Written,
    Events(Vec<E>),
    StateChanged,
    Preferred(usize),
    Time,
}

impl<E> Flow<E> {
    fn new() -> Self {
        Self {
            events: Vec::new().into_iter(),
            state: VecDeque::new(),
            dumps: Dumps::default(),
            checkpoints: Checkpoints::new(Instant::now()),
            leaving: None,
        }
    }

    fn leave(&mut self, why: Ending, limit: Duration) {
        self.leaving = Some(Leaving { why, until: Instant::now() + limit });
    }
}

impl<'a, O: Outgoing, A: Answers> Session<'a, O, A> {
    pub(crate) fn new(
        link: Link<'a>,
        config: &'a ClientConfig,
        status: &'a Status,
        carried: &'a mut Carried<O, A>,
        version: impl Display,
        address: Option<IpAddr>,
    ) -> Self {
        carried.shared.interrupt();
        carried.outgoing.rewind();
        Self { link, config, status, carried, version: version.to_string(), address, flow: Flow::new() }
    }

    /// Works until we leave, or the manager is lost. `preferred` are the managers to go back to.
    pub(crate) async fn run(
        mut self,
        mut stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        preferred: &[ManagerAddress],
        failback: Duration,
        greeting: &[u8],
    ) -> Result<Ending, Trouble> {
        let limits = self.config.limits;
        let mut failback = Failback::new(preferred, failback, limits.connect);
        self.flow.state = self.carried.answers.state().into();
        if !self.carried.is_announced {
            self.flow.state.push_front(greeting.to_vec());
        }
        loop {
            let now = Instant::now();
            self.fill(now);
            if let Some(leaving) = self.flow.leaving
                && (now >= leaving.until || self.is_done())
            {
                if leaving.why == Ending::Finished && !self.is_done() {
                    return Err(Trouble::Silent);
                }
                return Ok(self.good_bye(leaving.why).await);
            }
            let turn = match self.check_manager(now) {
                Ok(()) => self.turn(stop.as_mut(), &mut failback).await,
                Err(trouble) => Err(trouble),
            };
            match turn {
                Ok(Turn::Stop) => self.stop().await,
                Ok(turn) => self.take(turn),
                // There is no time to look for another manager.
                Err(_) if self.is_leaving_for(Ending::Stopped) => return Ok(Ending::Stopped),
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// Waits for the next thing to happen. Every one of them can be waited for again.
    async fn turn(
        &mut self,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        failback: &mut Failback<'_>,
    ) -> Result<Turn<O::Event>, Trouble> {
        let is_leaving = self.flow.leaving.is_some();
        let wants_more = !is_leaving && self.flow.events.as_slice().is_empty() && self.link.has_room();
        let is_stopping = self.is_leaving_for(Ending::Stopped);
        let until = self.wake();
        Ok(tokio::select! {
            () = stop, if !is_stopping => Turn::Stop,
            turn = self.link.turn() => turn?.map_or(Turn::Written, Turn::Received),
            events = self.carried.outgoing.next(), if wants_more => Turn::Events(events),
            () = self.carried.answers.changed(), if wants_more => Turn::StateChanged,
            index = failback.found(), if !is_leaving => Turn::Preferred(index),
            () = sleep_until(until) => Turn::Time,
        })
    }

    /// What is there to be sent at this moment is sent; the rest of the time is for the last words.
    async fn stop(&mut self) {
        self.flow.leave(Ending::Stopped, self.config.limits.leave * 3 / 4);
        if self.flow.events.as_slice().is_empty() {
            tokio::select! {
                biased;
                events = self.carried.outgoing.next() => self.flow.events = events.into_iter(),
                () = future::ready(()) => {}
            }
        }
    }

    fn take(&mut self, turn: Turn<O::Event>) {
        let limits = &self.config.limits;
        match turn {
            Turn::Received(message) => self.obey(&message),
            Turn::Written => self.flow.checkpoints.written(Instant::now(), self.link.position()),
            Turn::Events(events) if events.is_empty() => self.flow.leave(Ending::Finished, limits.response),
            Turn::Events(events) => self.flow.events = events.into_iter(),
            Turn::StateChanged => self.flow.state = self.carried.answers.state().into(),
            Turn::Preferred(index) => self.flow.leave(Ending::Failback(index), limits.response),
            Turn::Stop | Turn::Time => {}
        }
    }

    /// Seals what there is room for, and keepalives when they are due.
    fn fill(&mut self, now: Instant) {
        while self.link.has_room() {
            let flow = &mut self.flow;
            if let Some(message) =
                flow.state.pop_front().or_else(|| flow.dumps.next(now, &mut self.carried.answers))
            {
                match self.link.push(&message) {
                    Ok(()) => self.status.counters().state_messages.add(1),
                    Err(error) => self.too_long(error),
                }
            } else if let Some(event) = flow.events.next() {
                match self.link.push(event.as_ref()) {
                    Ok(()) => self.status.counters().events_sent.add(1),
                    Err(error) => self.too_long(error),
                }
                // One that nobody can send is confirmed with the others: it would be given for ever.
                self.flow.checkpoints.add_event(event.as_ref().len());
                if self.flow.checkpoints.is_full(&self.config.limits) {
                    self.keep_alive(now);
                }
            } else {
                break;
            }
        }
        let is_last = self.flow.leaving.is_some() && self.flow.events.as_slice().is_empty();
        let due = self.flow.checkpoints.due(&self.config.limits, is_last);
        if self.link.has_room() && due.is_some_and(|due| due <= now) {
            self.keep_alive(now);
        }
    }

    fn keep_alive(&mut self, now: Instant) {
        let keepalive = Keepalive {
            system: &self.config.system,
            version: &self.version,
            labels: &self.config.labels,
            config_sum: None,
            shared_sum: self.carried.shared.sum(),
            agent_ip: self.address,
        };
        match self.link.push(&keepalive.to_message()) {
            Ok(()) => {
                self.status.counters().keepalives.add(1);
                self.flow.checkpoints.add(now, self.link.end());
            }
            Err(error) => self.too_long(error),
        }
    }

    fn too_long(&mut self, error: SealError) {
        self.status.counters().events_too_long.add(1);
        self.carried.complaints.say("too_long", |count| {
            tracing::error!(%error, count, "a message that cannot be sent is lost");
        });
    }

    /// When there is something to do even if nothing happens.
    fn wake(&self) -> Instant {
        let limits = &self.config.limits;
        let flow = &self.flow;
        let due = flow.checkpoints.due(limits, flow.leaving.is_some()).filter(|_| self.link.has_room());
        let times = [
            due,
            flow.checkpoints.overdue(limits.response),
            self.link.stalled(limits.response),
            flow.dumps.resume().filter(|_| self.link.has_room()),
            flow.leaving.map(|leaving| leaving.until),
        ];
        let latest = Instant::now() + limits.notify;
        times.into_iter().flatten().min().unwrap_or(latest)
    }

    fn check_manager(&self, now: Instant) -> Result<(), Trouble> {
        let response = self.config.limits.response;
        let times = [self.flow.checkpoints.overdue(response), self.link.stalled(response)];
        if times.into_iter().flatten().any(|lost| lost <= now) { Err(Trouble::Silent) } else { Ok(()) }
    }

    fn is_leaving_for(&self, why: Ending) -> bool {
        self.flow.leaving.is_some_and(|leaving| leaving.why == why)
    }

    /// Whether everything that was given has arrived for certain.
    fn is_done(&self) -> bool {
        self.flow.events.as_slice().is_empty() && self.link.is_idle() && self.flow.checkpoints.is_empty()
    }

    async fn good_bye(mut self, why: Ending) -> Ending {
        let limit = self.config.limits.leave;
        let limit = if why == Ending::Stopped { limit / 4 } else { limit };
        if self.link.push(SHUTDOWN).is_ok() && timeout(limit, self.link.close()).await.is_err() {
            tracing::debug!("a manager takes its time to hear that we leave");
        }
        why
    }
}
