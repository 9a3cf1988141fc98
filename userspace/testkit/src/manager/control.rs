//! What agents say to the manager itself: messages that begin with `#!-`.

use serde_json::Value;

use super::{event::excerpt, keepalive::Keepalive};

/// A control message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The id of the agent that sent it; empty for a ping.
    pub agent_id: String,
    /// What it says.
    pub content: ControlContent,
}

/// What a control message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlContent {
    /// `#!-agent startup`.
    Startup {
        /// As it was said, such as `v4.14.7`.
        version: String,
    },
    /// The agent is still there.
    Keepalive(Keepalive),
    /// `#!-agent shutdown `.
    Shutdown,
    /// The answer to a request.
    Response {
        /// Which request.
        counter: String,
        /// The answer.
        payload: Vec<u8>,
    },
    /// `#ping`, which is not encrypted, and comes from nobody.
    Ping,
}

impl ControlContent {
    /// Parses what follows `#!-`; says what is not as it must be.
    pub(super) fn parse(text: &[u8], faults: &mut Vec<String>) -> Option<Self> {
        if text == b"agent shutdown " {
            return Some(Self::Shutdown);
        }
        if let Some(object) = text.strip_prefix(b"agent startup ") {
            return startup(object, faults);
        }
        if let Some(response) = text.strip_prefix(b"req ") {
            return response_to(response, faults);
        }
        if text.starts_with(b"agent ") {
            faults.push(format!("a control message that no manager knows: {}", excerpt(text)));
            return None;
        }
        Keepalive::parse(text, faults).map(Self::Keepalive)
    }
}

fn startup(object: &[u8], faults: &mut Vec<String>) -> Option<ControlContent> {
    let value: Option<Value> = serde_json::from_slice(object).ok();
    let version = value.as_ref().and_then(|value| value.get("version")).and_then(Value::as_str);
    if version.is_none() {
        faults.push(format!("a startup without a version: {}", excerpt(object)));
    }
    version.map(|version| ControlContent::Startup { version: version.to_owned() })
}

fn response_to(text: &[u8], faults: &mut Vec<String>) -> Option<ControlContent> {
    let counter: Vec<u8> = text.iter().copied().take_while(u8::is_ascii_digit).collect();
    match text.get(counter.len()..) {
        Some([b' ', payload @ ..]) if !counter.is_empty() => Some(ControlContent::Response {
            counter: counter.into_iter().map(char::from).collect(),
            payload: payload.to_vec(),
        }),
        _ => {
            faults.push(format!("a response without the request's counter: {}", excerpt(text)));
            None
        }
    }
}
