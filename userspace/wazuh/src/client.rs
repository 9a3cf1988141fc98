//! The connection to the managers: which one, over every outage, so that each event arrives at least once.

mod answers;
mod config;
mod numbering;
mod outgoing;
mod registration;
mod rounds;

use std::{
    pin::{Pin, pin},
    sync::Arc,
};

use tokio::time::{Duration, Instant, sleep, timeout};

pub(crate) use self::numbering::Numbering;
pub use self::registration::register;
pub use self::{
    answers::{Answers, NoAnswers, Step},
    config::{ClientConfig, ConfigError, EnrolmentSettings, Limits, PasswordSource, TlsSource},
    outgoing::Outgoing,
};
use self::{registration::Registration, rounds::Rounds};
use crate::{
    AgentKey, Ladder, State, Status, Trouble,
    backoff::Backoff,
    event::started,
    session::{Carried, Complaints, Ending, Link, Session, Started, start},
    shared::SharedFile,
};

/// Longest time between two looks for a preferred manager, when it has turned us away each time.
const LONGEST_FAILBACK: Duration = Duration::from_hours(1);

/// An agent.
pub struct Client<O, A> {
    config: Arc<ClientConfig>,
    status: Status,
    carried: Carried<O, A>,
    numbering: Numbering,
    registration: Registration,
    ladder: Ladder,
    rounds: Rounds,
    /// When each manager was lost without a good-bye: it may hold the old connection for a while.
    lost: Vec<Option<Instant>>,
    refusals: Refusals,
    failback: Duration,
    /// The manager whose turn it is was found by looking for a preferred one.
    is_returning: bool,
}

/// Rounds in which managers have turned our key away and none has taken it.
#[derive(Debug, Default)]
struct Refusals {
    in_this_round: bool,
    rounds: u32,
}

/// How a connection went.
struct Attempt {
    result: Result<Ending, Trouble>,
    /// How long the manager has served us; none if it has not.
    served: Option<Duration>,
}

impl<O: Outgoing, A: Answers> Client<O, A> {
    /// An agent that sends what `outgoing` gives, and answers managers with `answers`.
    ///
    /// # Errors
    /// [`ConfigError`] for a configuration that cannot work.
    pub fn new(config: ClientConfig, outgoing: O, answers: A) -> Result<Self, ConfigError> {
        config.validate()?;
        let (limits, status) = (config.limits, Status::new());
        let config = Arc::new(config);
        Ok(Self {
            carried: Carried {
                outgoing,
                answers,
                shared: SharedFile::default(),
                complaints: Complaints::default(),
                is_announced: false,
            },
            numbering: Numbering::new(config.counter_file.clone(), config.clock, status.clone()),
            registration: Registration::new(Arc::clone(&config), status.clone()),
            ladder: Ladder::new(config.version),
            rounds: Rounds::new(
                config.managers.len(),
                Backoff::new(limits.first_pause, limits.longest_pause),
            ),
            lost: vec![None; config.managers.len()],
            refusals: Refusals::default(),
            failback: limits.failback,
            is_returning: false,
            status,
            config,
        })
    }

    /// What it does, to be looked at while it runs.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Works until `stop` is done, or until `outgoing` has nothing more and a manager has taken all. Nothing ends it
    /// otherwise: every failure is shown in the [`Status`] and tried again after a pause. When it is stopped it takes at most
    /// [`Limits::leave`] to say good-bye.
    pub async fn run(mut self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        while self.step(stop.as_mut()).await.is_some() {}
        self.status.set_state(State::Stopped);
    }

    /// One attempt with one manager, and the pause after it if there is one. None at the end.
    async fn step(&mut self, mut stop: Pin<&mut (impl Future<Output = ()> + Send)>) -> Option<()> {
        let grace = self.config.limits.leave;
        let key = unless_soon(stop.as_mut(), self.registration.key(&mut self.ladder), grace).await?;
        let index = self.rounds.at();
        let attempt = self.attempt(&key, index, stop.as_mut()).await?;
        let pause = match attempt.result {
            Ok(Ending::Stopped | Ending::Finished) => return None,
            Ok(Ending::Failback(preferred)) => {
                self.settle(attempt.served);
                self.rounds.prefer(preferred);
                self.is_returning = true;
                None
            }
            // One that says it again and again is treated as one that is lost.
            Ok(Ending::Reconnect) if self.settle(attempt.served) => None,
            Ok(Ending::Reconnect) => self.rounds.next(),
            Err(trouble) => {
                self.settle(attempt.served);
                self.fail(index, trouble)
            }
        };
        if let Some(pause) = pause {
            self.status.set_state(State::Waiting(pause));
            let is_refused = self.refusals.end_round() >= self.config.limits.refusals;
            if is_refused {
                unless_soon(stop.as_mut(), self.registration.renew(&mut self.ladder), grace).await?;
                self.refusals = Refusals::default();
                self.status.set_state(State::Waiting(pause));
            }
            unless(stop, sleep(pause)).await?;
        }
        Some(())
    }

    /// Tells whether the manager has served us for long enough to call that a success.
    fn settle(&mut self, served: Option<Duration>) -> bool {
        if served.is_some() {
            self.refusals = Refusals::default();
        }
        let is_settled = served.is_some_and(|served| served >= self.config.limits.settled);
        if is_settled {
            self.rounds.settled();
        }
        // A preferred manager that has turned us away is not looked for so soon again.
        if is_settled && (self.is_returning || self.rounds.at() == 0) {
            self.failback = self.config.limits.failback;
        } else if self.is_returning {
            self.failback = self.failback.saturating_mul(2).min(LONGEST_FAILBACK);
        }
        self.is_returning = false;
        is_settled
    }

    /// The manager does not serve us. Gives the pause to make.
    fn fail(&mut self, index: usize, trouble: Trouble) -> Option<Duration> {
        let held = self.config.limits.held;
        let lost = self.lost.get(index).copied().flatten();
        let trouble = match trouble {
            Trouble::ClosedAtStart if lost.is_some_and(|lost| lost.elapsed() < held) => Trouble::Held,
            other => other,
        };
        match &trouble {
            Trouble::ClosedAtStart => self.refusals.in_this_round = true,
            left if left.may_be_unnoticed() => {
                if let Some(lost) = self.lost.get_mut(index) {
                    *lost = Some(Instant::now());
                }
            }
            _ => {}
        }
        let manager = self.config.managers.get(index).map(ToString::to_string).unwrap_or_default();
        self.status.add_trouble(&manager, trouble);
        self.rounds.next()
    }

    /// Connects to a manager and works with it. None if we are told to stop before it serves us.
    async fn attempt(
        &mut self,
        key: &AgentKey,
        index: usize,
        mut stop: Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> Option<Attempt> {
        let config = Arc::clone(&self.config);
        let failed = |trouble| Some(Attempt { result: Err(trouble), served: None });
        let Some((before, [manager, ..])) = config.managers.split_at_checked(index) else {
            return failed(Trouble::Closed);
        };
        let name: Arc<str> = manager.to_string().into();
        let link = loop {
            self.status.set_state(State::Connecting(Arc::clone(&name)));
            let stream = manager.connect(manager.port, config.limits.connect);
            let stream = match unless(stop.as_mut(), stream).await? {
                Ok(stream) => stream,
                Err(error) => return failed(error.into()),
            };
            let address = stream.local_addr().ok().map(|address| address.ip().to_canonical());
            let mut link = Link::new(stream, key, &mut self.numbering, self.status.clone());
            match unless(stop.as_mut(), start(&mut link, &mut self.ladder, &config.limits)).await? {
                Ok(Started::Yes) => break (link, address),
                // The ladder ends.
                Ok(Started::TryLower) => {}
                Err(trouble) => return failed(trouble),
            }
        };
        let (link, address) = link;
        let connected = Instant::now();
        self.status.counters().connections.add(1);
        self.status.set_state(State::Connected(Arc::clone(&name)));
        tracing::info!(manager = &*name, agent = key.id(), version = %self.ladder.current(), "a manager serves us");
        let session =
            Session::new(link, &config, &self.status, &mut self.carried, self.ladder.current(), address);
        let result = session.run(stop, before, self.failback, &started(key)).await;
        Some(Attempt { result, served: Some(connected.elapsed()) })
    }
}

impl Refusals {
    fn end_round(&mut self) -> u32 {
        self.rounds += u32::from(self.in_this_round);
        self.in_this_round = false;
        self.rounds
    }
}

/// What `work` gives; none if `stop` is done first, and then that is the end.
async fn unless<T>(
    stop: Pin<&mut (impl Future<Output = ()> + Send)>,
    work: impl Future<Output = T>,
) -> Option<T> {
    unless_soon(stop, work, Duration::ZERO).await
}

/// The same, but what is under way has so much more time: a key that a manager has given and that we do not keep is one
/// that nobody gets again.
async fn unless_soon<T>(
    stop: Pin<&mut (impl Future<Output = ()> + Send)>,
    work: impl Future<Output = T>,
    grace: Duration,
) -> Option<T> {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        () = stop => {
            if !grace.is_zero() {
                // Its result is in the key file.
                drop(timeout(grace, work).await);
            }
            None
        }
        result = &mut work => Some(result),
    }
}

#[cfg(test)]
mod tests {
    use std::{future, path::PathBuf};

    use super::*;
    use crate::{AgentVersion, System};

    struct Nothing;

    impl Outgoing for Nothing {
        type Event = Vec<u8>;

        async fn next(&mut self) -> Vec<Vec<u8>> {
            future::pending().await
        }

        fn confirm(&mut self, _count: usize) {}

        fn rewind(&mut self) {}

        fn unconfirmed(&self) -> usize {
            0
        }
    }

    fn config(managers: &[&str]) -> ClientConfig {
        ClientConfig {
            managers: managers.iter().map(|manager| manager.parse().unwrap()).collect(),
            name: "node1".to_owned(),
            version: AgentVersion::default(),
            system: System::default(),
            labels: Vec::new(),
            key_file: PathBuf::from("/nonexistent/client.keys"),
            counter_file: PathBuf::from("/nonexistent/sender_counter"),
            enrolment: None,
            limits: Limits::default(),
            clock: || 0,
        }
    }

    fn client(managers: &[&str]) -> Client<Nothing, NoAnswers> {
        Client::new(config(managers), Nothing, NoAnswers).unwrap()
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let good = config(&["192.0.2.1"]);
        let no_time = Limits { notify: Duration::ZERO, ..good.limits };
        for (config, error) in [
            (config(&[]), ConfigError::Managers),
            (config(&["192.0.2.1"; 33]), ConfigError::Managers),
            (ClientConfig { limits: no_time, ..good }, ConfigError::Limit),
        ] {
            assert_eq!(Client::new(config, Nothing, NoAnswers).err(), Some(error));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_manager_that_may_hold_our_old_connection_says_nothing_of_our_key_when_it_closes() {
        let mut client = client(&["192.0.2.1"]);
        for (trouble, seconds, expected) in [
            (Trouble::ClosedAtStart, 0, 1),
            (Trouble::Silent, 59, 1),
            (Trouble::ClosedAtStart, 0, 1),
            (Trouble::Unanswered, 60, 1),
            (Trouble::ClosedAtStart, 0, 2),
            // It has let go of that one by itself.
            (Trouble::Closed, 0, 2),
            (Trouble::ClosedAtStart, 0, 3),
        ] {
            assert!(client.fail(0, trouble).is_some(), "the round is over");
            assert_eq!(client.refusals.end_round(), expected);
            tokio::time::advance(Duration::from_secs(seconds)).await;
        }
        assert!(client.status.counters().failures().contains(&("held", 1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_preferred_manager_that_turns_us_away_is_looked_for_less_often() {
        let mut client = client(&["192.0.2.1", "192.0.2.2"]);
        let every = client.config.limits.failback;
        client.rounds.prefer(1);
        for (is_returning, served, expected) in [
            (true, None, every * 2),
            (false, Some(every), every * 2),
            (true, Some(Duration::ZERO), every * 4),
            (true, Some(every), every),
        ] {
            client.is_returning = is_returning;
            client.settle(served);
            assert_eq!(client.failback, expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_to_talk_to_is_said_and_a_stop_ends_it() {
        let client = client(&["192.0.2.1"]);
        let status = client.status();
        let run = client.run(sleep(Duration::from_hours(1)));
        let run: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(run);
        run.await;
        let now = status.snapshot();
        assert_eq!(now.state, State::Stopped);
        assert_eq!(now.trouble.map(|trouble| trouble.kind()), Some("no_key"));
        let [(_, tries)] = status.counters().failures()[..] else { panic!("one kind of failure") };
        assert!((60..130).contains(&tries), "{tries} times in an hour");
    }
}
