//! Events as agents send them: `Q:LOCATION:MESSAGE`.

use super::sca;

/// All that agents may use, each with the only location that is right for it, where there is one.
const QUEUES: [(u8, Option<&str>); 11] = [
    (b'1', None),
    (b'2', None),
    (b'3', None),
    (b'5', None),
    (b'8', Some("syscheck")),
    (b'9', Some("rootcheck")),
    (b'd', Some("syscollector")),
    (b'e', None),
    (b'f', None),
    (SCA, Some("sca")),
    (b'u', None),
];

const SCA: u8 = b'p';

/// Queues whose messages are JSON objects.
const OBJECTS: [u8; 3] = *b"8dp";

/// An event that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Received {
    /// The id of the agent that sent it, such as `001`.
    pub agent_id: String,
    /// Which queue of the manager it is for: `b'1'` for lines of log, `b'p'` for SCA, `b'8'` for files …
    pub queue: u8,
    /// Where it comes from, without the escapes of the wire.
    pub location: String,
    /// The event itself.
    pub message: Vec<u8>,
}

impl Received {
    /// The message as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.message).into_owned()
    }

    /// Parses, and says what is not as it must be. What can be made of the event is given all the same.
    pub(super) fn parse(agent_id: &str, text: &[u8], faults: &mut Vec<String>) -> Option<Self> {
        let [queue, b':', rest @ ..] = text else {
            faults.push(format!("an event without a queue: {}", excerpt(text)));
            return None;
        };
        let Some((location, message)) = location(rest, faults) else {
            faults.push(format!("an event without a location: {}", excerpt(text)));
            return None;
        };
        let received =
            Self { agent_id: agent_id.to_owned(), queue: *queue, location, message: message.to_vec() };
        received.judge(faults);
        Some(received)
    }

    fn judge(&self, faults: &mut Vec<String>) {
        let mut fault = |what: &str| faults.push(format!("{what}: {}", self.excerpt()));
        match QUEUES.iter().find(|(queue, _)| *queue == self.queue) {
            None => fault("an event of a queue that no agent may use"),
            Some((_, Some(location))) if *location != self.location => {
                fault("an event of the wrong location");
            }
            Some(_) => {}
        }
        if self.location.is_empty() {
            fault("an event of an empty location");
        }
        if self.location.starts_with("keepalive") {
            fault("an event of a location that managers throw away");
        }
        if self.message.is_empty() {
            fault("an empty event");
        }
        if self.message.contains(&0) {
            fault("an event with a NUL, where managers cut it");
        }
        if OBJECTS.contains(&self.queue) {
            match serde_json::from_slice(&self.message) {
                Err(_) => fault("an event that should be a JSON object"),
                Ok(object) if self.queue == SCA => sca::fault(&object).iter().for_each(|what| fault(what)),
                Ok(_) => {}
            }
        }
    }

    fn excerpt(&self) -> String {
        format!("{}:{}:{}", char::from(self.queue), self.location, excerpt(&self.message))
    }
}

/// The location without its escapes, and what follows its colon.
fn location<'a>(text: &'a [u8], faults: &mut Vec<String>) -> Option<(String, &'a [u8])> {
    let mut location = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [b':', message @ ..] => {
                if str::from_utf8(&location).is_err() {
                    faults.push(format!("a location that is no UTF-8: {}", excerpt(&location)));
                }
                return Some((String::from_utf8_lossy(&location).into_owned(), message));
            }
            [b'|', escaped @ (b':' | b'|'), after @ ..] => {
                location.push(*escaped);
                after
            }
            [byte, after @ ..] => {
                if *byte == b'|' {
                    faults.push(format!("a `|` in a location that escapes nothing: {}", excerpt(text)));
                }
                location.push(*byte);
                after
            }
            [] => return None,
        };
    }
}

/// The beginning, for people.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..80).unwrap_or(bytes));
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::Received;

    #[test]
    fn locations_are_unescaped() {
        let mut faults = Vec::new();
        let received = Received::parse("001", b"1:a|:b||c:{\"x\":1}", &mut faults).unwrap();
        assert_eq!((received.location.as_str(), received.text().as_str()), ("a:b|c", "{\"x\":1}"));
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn events_that_are_not_as_they_must_be_are_told() {
        for text in [
            "",
            "1",
            "1:",
            "1:place",
            "x:place:m",
            "4:place:m",
            "1::m",
            "1:place:",
            "1:keepalive:m",
            "1:a|b:m",
            "1:place:m\0",
            "p:sca:text",
            "p:sca:{}",
            "p:other:{}",
            "8:syscheck:[]",
            "9:other:m",
            "1:a|:m",
        ] {
            let mut faults = Vec::new();
            Received::parse("001", text.as_bytes(), &mut faults);
            assert!(!faults.is_empty(), "{text}");
        }
    }
}
