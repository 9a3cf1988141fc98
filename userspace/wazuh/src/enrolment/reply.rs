use std::str;

use super::{Enrolment, Refusal};
use crate::{AgentKey, KeyError};

/// Longest reply, in bytes. One with a key has some 250, with the longest names.
pub const REPLY_BYTES: usize = 4096;

/// How much of a manager's reason is kept, in characters.
const MESSAGE: usize = 200;

/// Why a reply to an enrolment brings no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The manager refuses, and says why.
    #[error("the manager gives no key: {message}")]
    Refused {
        /// What it means.
        refusal: Refusal,
        /// Its own words, cut and made harmless.
        message: String,
    },
    /// There is none.
    #[error("the manager has closed the connection without an answer")]
    Empty,
    /// It is longer than [`REPLY_BYTES`].
    #[error("the manager's answer is longer than {REPLY_BYTES} bytes")]
    TooLong,
    /// It ends inside of the key.
    #[error("the manager has closed the connection in the middle of its answer")]
    Unfinished,
    /// It is neither a key nor a refusal.
    #[error("what answers is no Wazuh manager's enrolment")]
    Foreign,
    /// The key that it brings is none.
    #[error("the manager has sent a key that is none: {0}")]
    Key(#[from] KeyError),
    /// The key is for the number 0, which is the manager's own.
    #[error("the manager has sent the key of an agent {0}, the manager's own number")]
    ManagersNumber(String),
    /// The key is another agent's.
    #[error("the manager has sent a key for `{answered}`, while we asked for `{asked}`")]
    OtherName {
        /// The name that we asked for.
        asked: String,
        /// The name that the key is for.
        answered: String,
    },
}

/// Reads a manager's whole reply: `OSSEC K:'ID NAME ADDRESS KEY'`, or `ERROR: REASON`. Line breaks and zeros may follow.
///
/// # Errors
/// [`ReplyError`] for everything else. Whose key it is, is for [`Enrolment::accept`] to judge.
pub fn parse_reply(reply: &[u8]) -> Result<AgentKey, ReplyError> {
    if reply.len() > REPLY_BYTES {
        return Err(ReplyError::TooLong);
    }
    let text = str::from_utf8(reply).map_err(|_| ReplyError::Foreign)?;
    let text = text.trim_end_matches(['\0', '\r', '\n', ' ']);
    if text.is_empty() {
        return Err(ReplyError::Empty);
    }
    if let Some(message) = text.strip_prefix("ERROR:") {
        let message = message.trim();
        let refusal = Refusal::of(message);
        return Err(ReplyError::Refused { refusal, message: message.escape_debug().take(MESSAGE).collect() });
    }
    let line = text.strip_prefix("OSSEC K:'").ok_or(ReplyError::Foreign)?;
    let (line, rest) = line.split_once('\'').ok_or(ReplyError::Unfinished)?;
    if !rest.is_empty() || line.contains(char::is_control) {
        return Err(ReplyError::Foreign);
    }
    let key = AgentKey::parse(line)?;
    if key.id().bytes().all(|digit| digit == b'0') {
        return Err(ReplyError::ManagersNumber(key.id().to_owned()));
    }
    Ok(key)
}

impl Enrolment {
    /// The key that a manager's whole reply brings, if it is for the name that was asked for.
    ///
    /// # Errors
    /// [`ReplyError`] says what else it is.
    pub fn accept(&self, reply: &[u8]) -> Result<AgentKey, ReplyError> {
        let key = parse_reply(reply)?;
        if key.name() == self.name {
            Ok(key)
        } else {
            Err(ReplyError::OtherName { asked: self.name.clone(), answered: key.name().to_owned() })
        }
    }
}

impl ReplyError {
    /// What the manager means by its refusal; none where it is something else.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::AgentVersion;

    const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn node1() -> Enrolment {
        Enrolment {
            name: "node1".to_owned(),
            version: AgentVersion::default(),
            groups: Vec::new(),
            address: None,
            password: None,
            key_hash: None,
        }
    }

    #[test]
    fn a_key_is_read_whatever_ends_follow() {
        for end in ["", "\n", "\n\n", "\r\n", "\n\n\0", "\0\0"] {
            let key = node1().accept(format!("OSSEC K:'017 node1 any {SECRET}'{end}").as_bytes()).unwrap();
            assert_eq!(key.to_line().expose_secret(), format!("017 node1 any {SECRET}"));
        }
    }

    #[test]
    fn every_refusal_has_its_meaning() {
        for (message, refusal) in [
            ("Invalid password", Refusal::InvalidPassword),
            ("Invalid request for new agent", Refusal::InvalidRequest),
            ("Unterminated group field", Refusal::InvalidRequest),
            ("Unterminated version field", Refusal::InvalidRequest),
            ("Invalid agent name: node1", Refusal::InvalidName),
            ("Agent version must be lower or equal to manager version", Refusal::VersionTooHigh),
            ("Invalid group: nodes", Refusal::InvalidGroup),
            ("Invalid IP: 10.0.0.300", Refusal::InvalidAddress),
            ("Duplicate IP: 10.0.0.7", Refusal::DuplicateAddress),
            ("Duplicate agent name: node1", Refusal::DuplicateName),
            ("Internal manager error adding agent: node1", Refusal::Internal),
            ("Out of tea", Refusal::Other),
            ("", Refusal::Other),
        ] {
            let error = parse_reply(format!("ERROR: {message}\n\n").as_bytes()).unwrap_err();
            assert_eq!(error, ReplyError::Refused { refusal, message: message.to_owned() });
            assert!(!refusal.help().is_empty());
            assert_eq!(refusal.is_lasting(), !["internal", "other"].contains(&refusal.kind()), "{message}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let other = ReplyError::OtherName { asked: "node1".to_owned(), answered: "node2".to_owned() };
        for (reply, error) in [
            ("", ReplyError::Empty),
            ("\n\0", ReplyError::Empty),
            ("OSSEC K:'017 node1 any", ReplyError::Unfinished),
            ("OSSEC K:'017 node1 any SECRET\n", ReplyError::Unfinished),
            ("HTTP/1.1 400 Bad Request", ReplyError::Foreign),
            ("OSSEC", ReplyError::Foreign),
            ("OSSEC K:'017 node1 any SECRET' and more", ReplyError::Foreign),
            ("OSSEC K:'017 node1 any SECRET\n'", ReplyError::Foreign),
            ("OSSEC K:''", ReplyError::Key(KeyError::Fields)),
            ("OSSEC K:'017 node1 any'", ReplyError::Key(KeyError::Fields)),
            ("OSSEC K:'x17 node1 any SECRET'", ReplyError::Key(KeyError::Id)),
            ("OSSEC K:'017 node1 all SECRET'", ReplyError::Key(KeyError::Address)),
            ("OSSEC K:'017 node1 any short'", ReplyError::Key(KeyError::Secret)),
            ("OSSEC K:'000 node1 any SECRET'", ReplyError::ManagersNumber("000".to_owned())),
            ("OSSEC K:'017 node2 any SECRET'", other),
        ] {
            assert_eq!(
                node1().accept(reply.replace("SECRET", SECRET).as_bytes()).err(),
                Some(error),
                "{reply}"
            );
        }
        assert_eq!(parse_reply(b"OSSEC K:'\xff'").err(), Some(ReplyError::Foreign));
        assert_eq!(parse_reply(&[b' '; REPLY_BYTES + 1]).err(), Some(ReplyError::TooLong));
    }

    #[test]
    fn a_managers_words_are_cut_and_harmless() {
        let error = parse_reply(format!("ERROR: \u{1b}[2J{}", "x".repeat(1000)).as_bytes()).unwrap_err();
        let text = error.to_string();
        assert!(text.len() < 300 && !text.contains('\u{1b}'), "{text}");
    }

    proptest! {
        #[test]
        fn any_reply_has_an_answer_and_no_key_is_for_another_name(
            reply in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..300),
                r"(OSSEC K:'|ERROR: ?)?[0-9]{0,4} (node[0-9]{1,2})? ?(any|10\.0\.0\.7)? [a-f0-9]{60,66}'?[\n\x00 ]{0,3}"
                    .prop_map(String::into_bytes),
            ],
        ) {
            if let Ok(key) = node1().accept(&reply) {
                prop_assert_eq!(key.name(), "node1");
            }
        }
    }
}
