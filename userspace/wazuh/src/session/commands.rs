use std::collections::BTreeMap;

use tokio::time::{Duration, Instant};

use super::{Ending, Session};
use crate::{Answers, ManagerMessage, Outgoing, response, shared::Received};

/// How often the same complaint is said.
const AGAIN: Duration = Duration::from_hours(1);

/// The answer to a question that we have no answer to.
const NOT_SUPPORTED: &[u8] = b"err Not supported";

/// Says the same thing once in a while only: managers repeat themselves.
#[derive(Debug, Default)]
pub(crate) struct Complaints(BTreeMap<&'static str, (Instant, u64)>);

impl Complaints {
    /// Counts a complaint of a kind, and says it with its count if it was not said lately.
    pub(crate) fn say(&mut self, kind: &'static str, say: impl FnOnce(u64)) {
        let now = Instant::now();
        let (said, count) = self.0.entry(kind).or_insert((now, 0));
        *count += 1;
        if *count == 1 || now.duration_since(*said) >= AGAIN {
            *said = now;
            say(*count);
        }
    }
}

impl<O: Outgoing, A: Answers> Session<'_, O, A> {
    /// Does what the manager says, as far as it may say that.
    pub(super) fn obey(&mut self, message: &[u8]) {
        match ManagerMessage::parse(message) {
            ManagerMessage::Ack => self.acknowledge(),
            ManagerMessage::Error { message } => {
                self.ignore("error");
                self.carried.complaints.say("error", |count| {
                    tracing::warn!(message, count, "the manager says that something is wrong");
                });
            }
            ManagerMessage::ForceReconnect => {
                if self.flow.leaving.is_none() {
                    self.flow.leave(Ending::Reconnect, self.config.limits.response);
                }
            }
            // By design: whoever has the manager must not have every node.
            ManagerMessage::ActiveResponse(_) => {
                self.refuse("active_response", "active responses are not carried out");
            }
            ManagerMessage::Request { counter, target, payload } => self.request(counter, target, payload),
            ManagerMessage::ScaDump { policy, first } => {
                if !self.flow.dumps.ask(policy, first) {
                    self.ignore("sca_dump");
                }
            }
            ManagerMessage::Sync(_) => self.ignore("sync"),
            ManagerMessage::FileBegin { md5, name } => self.carried.shared.begin(name, md5),
            ManagerMessage::FileEnd => self.end_of_file(),
            ManagerMessage::Unknown(part) if self.carried.shared.is_receiving() => {
                self.carried.shared.part(part);
            }
            ManagerMessage::Unknown(_) => self.refuse("unknown", "the manager says something unknown"),
        }
    }

    fn acknowledge(&mut self) {
        let counters = self.status.counters();
        let Some(events) = self.flow.checkpoints.acknowledge() else {
            counters.stray_acknowledgements.add(1);
            return;
        };
        counters.acknowledgements.add(1);
        // It was written before the first keepalive.
        self.carried.is_announced = true;
        counters.events_confirmed.add(events);
        self.carried.outgoing.confirm(events);
    }

    /// A manager that asks without reading the answers gets no more of them.
    fn request(&mut self, counter: &str, target: &str, payload: &[u8]) {
        if !self.link.has_room() {
            self.ignore("request");
            return;
        }
        let answer = self.carried.answers.request(target, payload);
        if answer.is_none() {
            self.ignore("request");
        }
        let answer = response(counter, answer.as_deref().unwrap_or(NOT_SUPPORTED));
        if let Err(error) = self.link.push(&answer) {
            self.too_long(error);
        }
    }

    fn end_of_file(&mut self) {
        match self.carried.shared.end() {
            Received::Whole => self.status.counters().shared_files.add(1),
            what @ (Received::TooLong | Received::Different | Received::Other | Received::Stray) => {
                self.ignore("shared_file");
                self.carried.complaints.say("shared_file", |count| {
                    tracing::warn!(?what, count, "a file of the manager is not taken");
                });
            }
        }
    }

    fn ignore(&self, kind: &'static str) {
        self.status.counters().add_ignored(kind);
    }

    fn refuse(&mut self, kind: &'static str, text: &'static str) {
        self.ignore(kind);
        self.carried.complaints.say(kind, |count| tracing::warn!(count, "{text}"));
    }
}
