use std::{future, time::Duration};

/// One step of an answer that takes its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A message to send, as [`event`](crate::event()) makes it.
    Event(Vec<u8>),
    /// Wait for so long.
    Pause(Duration),
}

/// What managers ask for, and what they are told without being asked: the present state of things. Nobody keeps these
/// messages; they are made anew when they are needed.
pub trait Answers: Send {
    /// All results of the SCA policy with this id, which the manager has not or has others of (`#!-sca-dump:ID:F`); `first` if it
    /// has none, and then it wants the summary as well. Nothing for a policy that is not known. It is called when its turn has come, one
    /// policy after the other, and what is left of its steps is dropped with the connection: the manager asks again.
    fn sca_dump(&mut self, policy: &str, first: bool) -> Vec<Step>;

    /// The messages that tell how things are. They are sent after each connection was made, and after each
    /// [`changed`](Self::changed).
    fn state(&mut self) -> Vec<Vec<u8>>;

    /// Waits until [`state`](Self::state) is to be sent again. Nothing may be lost when it is cancelled. It never ends
    /// unless it is implemented.
    fn changed(&mut self) -> impl Future<Output = ()> + Send {
        future::pending()
    }

    /// The answer to a question of the manager's API to a part of the agent, such as `agent` with `getstate`; none where
    /// there is no answer, and the manager is told so.
    fn request(&mut self, target: &str, command: &[u8]) -> Option<Vec<u8>> {
        let _ = (target, command);
        None
    }
}

/// Has nothing to say.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAnswers;

impl Answers for NoAnswers {
    fn sca_dump(&mut self, _policy: &str, _first: bool) -> Vec<Step> {
        Vec::new()
    }

    fn state(&mut self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}
