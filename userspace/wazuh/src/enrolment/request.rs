use std::{
    fmt::{self, Display},
    net::IpAddr,
    ops::RangeInclusive,
    str::FromStr,
};

use secrecy::{ExposeSecret as _, SecretString};

use crate::AgentVersion;

/// How long an agent's name is, in bytes; so says the manager.
const NAME_BYTES: RangeInclusive<usize> = 2..=128;

/// How long a group's name is, in bytes; so says the manager.
const GROUP_BYTES: RangeInclusive<usize> = 1..=255;

/// Most groups of an agent; so says the manager.
const GROUPS: usize = 128;

/// How long a password is, in bytes. Longer ones are mistaken files rather than passwords.
const PASSWORD_BYTES: RangeInclusive<usize> = 1..=1024;

/// How many digits a hash of a key has.
const HASH_DIGITS: usize = 40;

/// What an agent says of itself to be given a key.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The name under which the manager is to show it: 2 to 128 letters, digits, `-`, `_` or `.`. The manager's own name is refused.
    pub name: String,
    /// What it says it is; a manager refuses what is newer than itself.
    pub version: AgentVersion,
    /// Groups to be in, which the manager has to know; without any it chooses.
    pub groups: Vec<String>,
    /// Where the manager is to let the agent connect from; none for everywhere, or what the manager's own settings say.
    pub address: Option<SourceAddress>,
    /// The manager's password for enrolment, where it wants one. A manager that wants none may refuse whoever gives one.
    pub password: Option<SecretString>,
    /// The [hash](crate::AgentKey::hash) of the key that the agent still holds. With it the manager gives another one only if that key is not
    /// its own any more.
    pub key_hash: Option<String>,
}

/// Where a manager is to let an agent connect from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceAddress {
    /// The address that it enrols from, as the manager sees it: `src`.
    OfConnection,
    /// This one.
    Fixed(IpAddr),
}

/// Why there is no asking for a key: what of our own settings cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The name.
    #[error("the agent's name must be 2 to 128 letters, digits, `-`, `_` or `.`, not {0:?}")]
    Name(String),
    /// The name of a group.
    #[error("a group's name must be 1 to 255 letters, digits, `-`, `_` or `.`, not {0:?}")]
    Group(String),
    /// Too many groups.
    #[error("an agent can be in {GROUPS} groups, not in {0}")]
    Groups(usize),
    /// The address.
    #[error("the agent's address must be `src` or an IP address, not {0:?}")]
    Address(String),
    /// The password. It is not shown.
    #[error(
        "the password for enrolment must have 1 to 1024 bytes, without line breaks and other control characters, \
         and no space at its ends"
    )]
    Password,
    /// The hash of the key.
    #[error("the hash of a key must be 40 hexadecimal digits")]
    KeyHash,
}

impl Enrolment {
    /// The line that asks for a key, with its end. It holds the password.
    ///
    /// # Errors
    /// [`RequestError`] where something would not fit into the line, or break out of it, or the manager would refuse it anyway.
    pub fn request(&self) -> Result<SecretString, RequestError> {
        if !is_word(&self.name, NAME_BYTES) {
            return Err(RequestError::Name(self.name.clone()));
        }
        if self.groups.len() > GROUPS {
            return Err(RequestError::Groups(self.groups.len()));
        }
        if let Some(group) = self.groups.iter().find(|group| !is_word(group, GROUP_BYTES)) {
            return Err(RequestError::Group(group.clone()));
        }
        let mut line = String::new();
        if let Some(password) = &self.password {
            let password = password.expose_secret();
            if !is_password(password) {
                return Err(RequestError::Password);
            }
            line.extend(["OSSEC PASS: ", password, " "]);
        }
        // The manager reads what follows in this order, and nothing in another.
        let mut field = |name: &str, value: &str| line.extend([name, ":'", value, "'"]);
        field("OSSEC A", &self.name);
        field(" V", &self.version.to_string());
        if !self.groups.is_empty() {
            field(" G", &self.groups.join(","));
        }
        if let Some(address) = &self.address {
            field(" IP", &address.to_string());
        }
        if let Some(hash) = &self.key_hash {
            if hash.len() != HASH_DIGITS || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(RequestError::KeyHash);
            }
            field(" K", hash);
        }
        line.push('\n');
        Ok(line.into())
    }
}

/// Only of letters, digits and what else Wazuh allows in names, none of which ends a field.
fn is_word(text: &str, bytes: RangeInclusive<usize>) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    bytes.contains(&text.len()) && text.bytes().all(is_good)
}

/// The manager takes as many bytes as its own password has, so quotes and spaces are well. Spaces at the ends are a mistake that nobody
/// sees.
fn is_password(text: &str) -> bool {
    PASSWORD_BYTES.contains(&text.len()) && !text.contains(char::is_control) && text.trim() == text
}

impl Display for SourceAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfConnection => formatter.write_str("src"),
            Self::Fixed(address) => address.fmt(formatter),
        }
    }
}

/// `src` or an IP address.
impl FromStr for SourceAddress {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        match text {
            "src" => Ok(Self::OfConnection),
            text => text.parse().map(Self::Fixed).map_err(|_| RequestError::Address(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain() -> Enrolment {
        Enrolment {
            name: "node1".to_owned(),
            version: AgentVersion::default(),
            groups: Vec::new(),
            address: None,
            password: None,
            key_hash: None,
        }
    }

    fn line(enrolment: &Enrolment) -> Result<String, RequestError> {
        enrolment.request().map(|line| line.expose_secret().to_owned())
    }

    #[test]
    fn the_line_has_its_fields_in_the_managers_order() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let groups = vec!["default".to_owned(), "k8s_nodes".to_owned()];
        let password = Some("it's a s3cret".into());
        let of = |text: &str| Some(text.parse().unwrap());
        for (enrolment, expected) in [
            (plain(), "OSSEC A:'node1' V:'v4.3.0'\n".to_owned()),
            (
                Enrolment { password: password.clone(), ..plain() },
                "OSSEC PASS: it's a s3cret OSSEC A:'node1' V:'v4.3.0'\n".to_owned(),
            ),
            (
                Enrolment { address: of("src"), key_hash: Some(hash.to_owned()), ..plain() },
                format!("OSSEC A:'node1' V:'v4.3.0' IP:'src' K:'{hash}'\n"),
            ),
            (
                Enrolment {
                    password,
                    groups,
                    address: of("fd00::7"),
                    key_hash: Some(hash.to_owned()),
                    ..plain()
                },
                format!(
                    "OSSEC PASS: it's a s3cret OSSEC A:'node1' V:'v4.3.0' G:'default,k8s_nodes' IP:'fd00::7' K:'{hash}'\n"
                ),
            ),
        ] {
            assert_eq!(line(&enrolment), Ok(expected));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for name in ["", "n", "node 1", "node'1", "node\n1", "knoten-ö", "a/b", &"n".repeat(129)] {
            let enrolment = Enrolment { name: name.to_owned(), ..plain() };
            assert_eq!(line(&enrolment), Err(RequestError::Name(name.to_owned())));
        }
        for group in ["", "a,b", "a'b", "a b", "a\0b", &"g".repeat(256)] {
            let enrolment = Enrolment { groups: vec!["default".to_owned(), group.to_owned()], ..plain() };
            assert_eq!(line(&enrolment), Err(RequestError::Group(group.to_owned())));
        }
        for password in ["", "a\nOSSEC A:'b'", "a\0", "a\r", "secret ", "\u{85}a", &"p".repeat(1025)] {
            let enrolment = Enrolment { password: Some(password.into()), ..plain() };
            assert_eq!(line(&enrolment), Err(RequestError::Password), "{password:?}");
        }
        for hash in ["", "abc", "g123456789abcdef0123456789abcdef01234567"] {
            let enrolment = Enrolment { key_hash: Some(hash.to_owned()), ..plain() };
            assert_eq!(line(&enrolment), Err(RequestError::KeyHash));
        }
        let enrolment = Enrolment { groups: vec!["g".to_owned(); 129], ..plain() };
        assert_eq!(line(&enrolment), Err(RequestError::Groups(129)));
        for address in ["", "any", "10.0.0.0/8", "10.0.0.7'"] {
            let error = RequestError::Address(address.to_owned());
            assert_eq!(address.parse::<SourceAddress>(), Err(error));
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let enrolment = Enrolment { password: Some("hunter2".into()), ..plain() };
        assert!(!format!("{enrolment:?} {:?}", enrolment.request()).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn nothing_breaks_out_of_the_line(
            name in r"[a-z]{2,4}['\n ]?",
            group in r"[a-z]{1,4}[',\n]?",
            password in r"[a-z' ]{1,9}[\n\x00]?",
        ) {
            let enrolment =
                Enrolment { name, groups: vec![group], password: Some(password.as_str().into()), ..plain() };
            if let Ok(line) = line(&enrolment) {
                prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
                let after = line.strip_prefix("OSSEC PASS: ").and_then(|line| line.strip_prefix(&password));
                prop_assert_eq!(after.unwrap_or_default().matches('\'').count(), 6);
            }
        }
    }
}
