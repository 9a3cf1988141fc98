use std::sync::Arc;

use rampart_bus::{Message, SinkError};

use super::Answer;
use crate::limits::front;

/// How many messages go out together: fewer after the receiver has refused some, until the one that it means is found.
#[derive(Debug)]
pub(crate) struct Batch {
    most: usize,
    bytes: usize,
    now: usize,
}

impl Batch {
    /// At most `most` messages of at most `bytes` together.
    pub(crate) const fn new(most: usize, bytes: usize) -> Self {
        Self { most, bytes, now: most }
    }

    /// What goes out next.
    pub(crate) fn next<'m>(&self, messages: &'m [Arc<Message>]) -> &'m [Arc<Message>] {
        front(messages, self.now, self.bytes)
    }

    /// What the answer to `count` messages comes to; none: try again with fewer.
    pub(crate) fn judge(&mut self, count: usize, answer: Answer) -> Option<Result<usize, SinkError>> {
        match answer {
            Answer::Taken => {
                self.now = self.now.saturating_mul(2).min(self.most);
                Some(Ok(count))
            }
            Answer::NotNow { error, after } => Some(Err(SinkError::Retryable { error, after })),
            Answer::Refused(error) if count <= 1 => {
                self.now = self.now.saturating_mul(2).min(self.most);
                Some(Err(SinkError::Refused { count: 1, error }))
            }
            Answer::Refused(_) => {
                self.now = (count / 2).max(1);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::prelude::*;
    use rampart_model::{Severity, Timestamp};

    use super::*;

    /// Sends all to a receiver that refuses whatever has a poisoned message in it: what arrived, what was refused, and in how
    /// many requests.
    fn send(messages: &[Arc<Message>]) -> (Vec<u8>, Vec<u8>, usize) {
        let (mut batch, mut rest) = (Batch::new(100, 1 << 20), messages);
        let (mut arrived, mut refused, mut requests) = (Vec::new(), Vec::new(), 0);
        while !rest.is_empty() {
            let part = batch.next(rest);
            let bytes: Vec<u8> = part.iter().map(|message| message.body[0]).collect();
            requests += 1;
            let answer = if bytes.contains(&0) {
                Answer::Refused(io::ErrorKind::InvalidData.into())
            } else {
                Answer::Taken
            };
            let gone = match batch.judge(part.len(), answer) {
                None => continue,
                Some(Ok(count)) => {
                    arrived.extend(&bytes);
                    count
                }
                Some(Err(SinkError::Refused { count, .. })) => {
                    refused.extend(&bytes);
                    count
                }
                Some(Err(error)) => panic!("{error}"),
            };
            rest = &rest[gone..];
        }
        (arrived, refused, requests)
    }

    fn messages(bodies: &[u8]) -> Vec<Arc<Message>> {
        let message =
            |byte: &u8| Message { time: Timestamp::EPOCH, severity: Severity::Low, body: [*byte].into() };
        bodies.iter().map(message).map(Arc::new).collect()
    }

    #[test]
    fn one_poisoned_message_of_a_hundred_is_found_in_few_requests() {
        let mut bodies = vec![1; 256];
        bodies[77] = 0;
        let (arrived, refused, requests) = send(&messages(&bodies));
        assert_eq!((arrived.len(), refused.len()), (255, 1));
        assert!(requests < 40, "{requests}");
    }

    proptest! {
        #[test]
        fn all_but_the_poisoned_arrive_in_order(bodies in prop::collection::vec(0_u8..8, 0..300)) {
            let (arrived, refused, _) = send(&messages(&bodies));
            let (bad, good): (Vec<u8>, Vec<u8>) = bodies.iter().partition(|byte| **byte == 0);
            prop_assert_eq!((arrived, refused), (good, bad));
        }
    }
}
