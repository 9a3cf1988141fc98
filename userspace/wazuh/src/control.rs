use std::fmt::Display;

/// What all messages begin with that are not an event.
pub(crate) const HEADER: &[u8] = b"#!-";

/// Says that the agent stops, so that the manager shows it as disconnected at once.
pub const SHUTDOWN: &[u8] = b"#!-agent shutdown ";

/// A frame that asks a manager whether it is there. It is not sealed, and needs no key.
pub const PING: &[u8] = b"#ping";

/// The frame that answers [`PING`], not sealed either.
pub const PONG: &[u8] = b"#pong";

/// Most characters of what a manager says is wrong; the rest is cut.
const ERROR_CHARS: usize = 512;

/// Most bytes of the number of a request.
const COUNTER_BYTES: usize = 32;

/// The first message of an agent on a connection, to which the manager answers [`ManagerMessage::Ack`]. Managers refuse
/// agents of a higher version than their own.
#[must_use]
pub fn startup(version: impl Display) -> Vec<u8> {
    format!(r#"#!-agent startup {{"version":"{version}"}}"#).into_bytes()
}

/// The answer to [`ManagerMessage::Request`].
#[must_use]
pub fn response(counter: &str, payload: &[u8]) -> Vec<u8> {
    [HEADER, b"req ", counter.as_bytes(), b" ", payload].concat()
}

/// What a manager says to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManagerMessage<'a> {
    /// It has taken the startup message, or a keepalive.
    Ack,
    /// It refuses the agent.
    Error {
        /// Why: at most 512 characters, and none that would do something to a terminal.
        message: String,
    },
    /// The agent is to begin a new connection.
    ForceReconnect,
    /// A command is to be run on the agent's host: the rest of the message.
    ActiveResponse(&'a [u8]),
    /// A question that is answered with [`response`].
    Request {
        /// Its number, which the answer repeats.
        counter: &'a str,
        /// What in the agent it is for: `agent`, `com`, `syscheck`.
        target: &'a str,
        /// The question.
        payload: &'a [u8],
    },
    /// The manager's database of a policy's results is not the agent's: they are all to be sent again.
    ScaDump {
        /// The policy.
        policy: &'a str,
        /// The manager has none yet: they are wanted soon, and a summary after them.
        first: bool,
    },
    /// A message of the comparison of the manager's database with the agent's, from its first word on: `syscheck`,
    /// `fim_file`, `syscollector_packages`.
    Sync(&'a [u8]),
    /// What follows, up to [`FileEnd`](Self::FileEnd), are parts of a file, without anything before them.
    FileBegin {
        /// The MD5 sum of the whole, in 32 hexadecimal digits.
        md5: &'a str,
        /// Its name: letters, digits, `-`, `_` and `.`, no dot first.
        name: &'a str,
    },
    /// The file is complete.
    FileEnd,
    /// Anything else.
    Unknown(&'a [u8]),
}

impl<'a> ManagerMessage<'a> {
    /// Reads an opened message. Whatever has not exactly the form of one of the messages is [`Unknown`](Self::Unknown).
    #[must_use]
    pub fn parse(message: &'a [u8]) -> Self {
        message.strip_prefix(HEADER).and_then(parse).unwrap_or(Self::Unknown(message))
    }
}

/// Reads a message after its header.
fn parse(text: &[u8]) -> Option<ManagerMessage<'_>> {
    match text {
        b"agent ack " => return Some(ManagerMessage::Ack),
        b"force_reconnect" => return Some(ManagerMessage::ForceReconnect),
        b"close file " => return Some(ManagerMessage::FileEnd),
        _ => {}
    }
    if is_sync(text) {
        return Some(ManagerMessage::Sync(text));
    }
    let after = |word: &str| text.strip_prefix(word.as_bytes());
    if let Some(rest) = after("err ") {
        return Some(ManagerMessage::Error { message: reason(rest) });
    }
    if let Some(rest) = after("execd ") {
        return Some(ManagerMessage::ActiveResponse(rest));
    }
    if let Some(rest) = after("req ") {
        return request(rest);
    }
    if let Some(rest) = after("sca-dump:") {
        return sca_dump(rest);
    }
    file_begin(after("up file ")?)
}

fn is_sync(text: &[u8]) -> bool {
    let word = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    let is_word =
        word.len() < text.len() && word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    is_word && (word == b"syscheck" || word.starts_with(b"fim_") || word.starts_with(b"syscollector_"))
}

fn reason(text: &[u8]) -> String {
    let object = serde_json::from_slice::<serde_json::Value>(text).ok();
    let told = object.as_ref().and_then(|object| object.get("message")?.as_str());
    let told = told.map_or_else(|| String::from_utf8_lossy(text), Into::into);
    told.chars().take(ERROR_CHARS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn request(text: &[u8]) -> Option<ManagerMessage<'_>> {
    let mut fields = text.splitn(3, |byte| *byte == b' ');
    let mut word = || {
        let word = fields.next()?;
        let is_word = !word.is_empty() && word.iter().all(u8::is_ascii_graphic);
        str::from_utf8(word).ok().filter(|_| is_word)
    };
    let (counter, target) = (word().filter(|counter| counter.len() <= COUNTER_BYTES)?, word()?);
    Some(ManagerMessage::Request { counter, target, payload: fields.next().unwrap_or_default() })
}

fn sca_dump(text: &[u8]) -> Option<ManagerMessage<'_>> {
    let (policy, first) = str::from_utf8(text).ok()?.rsplit_once(':')?;
    let first = match first {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    (!policy.is_empty()).then_some(ManagerMessage::ScaDump { policy, first })
}

fn file_begin(text: &[u8]) -> Option<ManagerMessage<'_>> {
    let (md5, name) = str::from_utf8(text).ok()?.strip_suffix('\n')?.split_once(' ')?;
    let is_sum = md5.len() == 32 && md5.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_of_name);
    (is_sum && is_name).then_some(ManagerMessage::FileBegin { md5, name })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";

    fn error(message: &str) -> ManagerMessage<'_> {
        ManagerMessage::Error { message: message.to_owned() }
    }

    #[test]
    fn each_message_has_its_form() {
        let begin = format!("#!-up file {MD5} merged.mg\n");
        let cases = [
            ("#!-agent ack ", ManagerMessage::Ack),
            (r#"#!-err {"message":"Incompatible version"}"#, error("Incompatible version")),
            ("#!-err in\nother words", error("in other words")),
            ("#!-force_reconnect", ManagerMessage::ForceReconnect),
            (r#"#!-execd {"command":"x"}"#, ManagerMessage::ActiveResponse(br#"{"command":"x"}"#)),
            (
                "#!-req 1f agent getstate now",
                ManagerMessage::Request { counter: "1f", target: "agent", payload: b"getstate now" },
            ),
            ("#!-req 1 com", ManagerMessage::Request { counter: "1", target: "com", payload: b"" }),
            ("#!-sca-dump:cis:linux:1", ManagerMessage::ScaDump { policy: "cis:linux", first: true }),
            ("#!-sca-dump:cis_linux:0", ManagerMessage::ScaDump { policy: "cis_linux", first: false }),
            ("#!-syscheck dbsync no_data 1", ManagerMessage::Sync(b"syscheck dbsync no_data 1")),
            ("#!-fim_file no_data {}", ManagerMessage::Sync(b"fim_file no_data {}")),
            (
                "#!-syscollector_packages no_data {}",
                ManagerMessage::Sync(b"syscollector_packages no_data {}"),
            ),
            (&begin, ManagerMessage::FileBegin { md5: MD5, name: "merged.mg" }),
            ("#!-close file ", ManagerMessage::FileEnd),
        ];
        for (text, message) in cases {
            assert_eq!(ManagerMessage::parse(text.as_bytes()), message, "{text}");
        }
    }

    #[test]
    fn whatever_has_another_form_is_unknown() {
        let sums = ["../x\n", ".x\n", "\n", "merged.mg", "merged.mg\nx", "a b\n"]
            .map(|name| format!("#!-up file {MD5} {name}"));
        let texts = [
            "",
            "#!-",
            "agent ack ",
            "#!-agent ack",
            "#!-agent ack  ",
            "#!-force_reconnect now",
            "#!-execd",
            "#!-req ",
            "#!-req 1",
            "#!-req  agent x",
            "#!-req 123456789012345678901234567890123 agent x",
            "#!-sca-dump:x",
            "#!-sca-dump::1",
            "#!-sca-dump:x:2",
            "#!-syscheck",
            "#!-syscheckx y",
            "#!-up file 12 merged.mg\n",
            "#!-close file",
        ];
        for text in texts.into_iter().chain(sums.iter().map(String::as_str)) {
            assert_eq!(
                ManagerMessage::parse(text.as_bytes()),
                ManagerMessage::Unknown(text.as_bytes()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_manager_says_is_cut() {
        let text = format!("#!-err {}", "é".repeat(30_000));
        assert_eq!(ManagerMessage::parse(text.as_bytes()), error(&"é".repeat(512)));
    }

    #[test]
    fn what_an_agent_says_has_its_form() {
        assert_eq!(startup("v4.14.7"), br#"#!-agent startup {"version":"v4.14.7"}"#);
        assert_eq!(response("1f", b"err unknown"), b"#!-req 1f err unknown");
    }

    proptest! {
        #[test]
        fn any_message_has_an_answer(
            word in prop::sample::select(vec!["", "agent ack ", "err ", "req ", "sca-dump:", "up file ", "syscheck "]),
            rest in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let message = [HEADER, word.as_bytes(), &rest].concat();
            match ManagerMessage::parse(&message) {
                ManagerMessage::Error { message } => prop_assert!(!message.contains(char::is_control)),
                ManagerMessage::Unknown(all) => prop_assert_eq!(all, &message),
                _ => prop_assert!(!word.is_empty() || rest.len() > 3),
            }
        }
    }
}
