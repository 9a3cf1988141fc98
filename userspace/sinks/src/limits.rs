use std::sync::Arc;

use rampart_bus::Message;

/// The front of `messages`: at most `count`, and at most `bytes` of bodies, but at least one.
pub(crate) fn front(messages: &[Arc<Message>], count: usize, bytes: usize) -> &[Arc<Message>] {
    let mut total = 0_usize;
    let fitting = messages.iter().take(count).take_while(|message| {
        total = total.saturating_add(message.body.len());
        total <= bytes
    });
    let fitting = fitting.count().max(1);
    messages.get(..fitting).unwrap_or(messages)
}

#[cfg(test)]
mod tests {
    use rampart_model::{Severity, Timestamp};

    use super::*;

    #[test]
    fn the_front_is_bounded_twice_and_never_empty() {
        let message = |length: usize| {
            let body = vec![b'x'; length].into();
            Arc::new(Message { time: Timestamp::EPOCH, severity: Severity::Low, body })
        };
        let messages = [10, 20, 30, 40].map(message);
        for (count, bytes, expected) in [(9, 100, 4), (9, 99, 3), (2, 99, 2), (9, 5, 1), (0, 0, 1)] {
            assert_eq!(front(&messages, count, bytes).len(), expected, "{count} of {bytes}");
        }
        assert!(front(&[], 1, 1).is_empty());
    }
}
