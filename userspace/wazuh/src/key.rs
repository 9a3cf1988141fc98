mod address;
mod file;

use std::fmt::{self, Display};

use secrecy::{ExposeSecret as _, SecretString};

pub use self::{
    address::KeyAddress,
    file::{KeyFile, KeyFileError},
};
use crate::digest::sha1_digits;

/// How many digits an agent's number has. Managers write at least three.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 3..=10;

/// How long an agent's name is, in bytes; so says the manager.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 2..=128;

/// How long the key itself is, in bytes. Managers make 64 hexadecimal digits; an administrator may have chosen another.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 32..=256;

/// The number under which a manager knows an agent, with the zeros that it writes before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentId(Box<str>);

impl AgentId {
    /// Reads it: 3 to 10 digits.
    ///
    /// # Errors
    /// [`KeyError::Id`] for anything else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let is_good = ID_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_good { Ok(Self(text.into())) } else { Err(KeyError::Id) }
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for AgentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a line is no agent's key. It never says what the line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There are four fields, with a space between them.
    #[error("a key has four fields: number, name, address, key")]
    Fields,
    /// The number.
    #[error("the agent's number is not 3 to 10 digits")]
    Id,
    /// The name.
    #[error("the agent's name is not 2 to 128 letters, digits, `-`, `_` or `.`")]
    Name,
    /// The address.
    #[error("the agent's address is neither `any` nor an address nor a network")]
    Address,
    /// The key itself.
    #[error("the key is not 32 to 256 visible characters")]
    Secret,
}

/// What an agent is known by to its manager, and what it seals its messages with: a line of Wazuh's `client.keys`.
#[derive(Debug, Clone)]
pub struct AgentKey {
    id: AgentId,
    name: Box<str>,
    address: KeyAddress,
    secret: SecretString,
}

impl AgentKey {
    /// Reads `ID NAME ADDRESS KEY`, as it stands in `client.keys` and in what a manager answers to an enrolment.
    ///
    /// # Errors
    /// [`KeyError`] names the field that is not as it should be.
    pub fn parse(line: &str) -> Result<Self, KeyError> {
        let mut fields = line.trim_end_matches(['\r', '\n']).split(' ');
        let mut field = || fields.next().ok_or(KeyError::Fields);
        let (id, name, address, secret) = (field()?, field()?, field()?, field()?);
        if fields.next().is_some() {
            return Err(KeyError::Fields);
        }
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !NAME_BYTES.contains(&name.len()) || !name.bytes().all(is_of_name) {
            return Err(KeyError::Name);
        }
        if !SECRET_BYTES.contains(&secret.len()) || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Secret);
        }
        Ok(Self {
            id: AgentId::parse(id)?,
            name: name.into(),
            address: KeyAddress::parse(address).ok_or(KeyError::Address)?,
            secret: secret.into(),
        })
    }

    /// The line that [`parse`](Self::parse) reads, without a line break.
    #[must_use]
    pub fn to_line(&self) -> SecretString {
        format!("{} {} {} {}", self.id, self.name, self.address, self.secret.expose_secret()).into()
    }

    /// The number under which the manager knows the agent.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The name under which it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the manager lets it connect from.
    #[must_use]
    pub const fn address(&self) -> &KeyAddress {
        &self.address
    }

    /// What tells a manager at an enrolment that the agent still holds this key, without telling the key: SHA-1 over number,
    /// name and key.
    #[must_use]
    pub fn hash(&self) -> String {
        sha1_digits(&[self.id().as_bytes(), self.name.as_bytes(), self.secret.expose_secret().as_bytes()])
    }

    pub(crate) const fn secret(&self) -> &SecretString {
        &self.secret
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn what_is_read_is_what_is_written() {
        for address in ["any", "10.0.0.7", "fd00::7", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "fd00::/8"] {
            let line = format!("001 node-1.example_x {address} {SECRET}");
            let key = AgentKey::parse(&format!("{line}\r\n")).unwrap();
            assert_eq!((key.id(), key.name()), ("001", "node-1.example_x"));
            assert_eq!(key.to_line().expose_secret(), line);
            assert!(!format!("{key:?}").contains(SECRET));
        }
    }

    #[test]
    fn a_bad_field_is_named() {
        let cases = [
            ("", KeyError::Fields),
            ("001 node1 any", KeyError::Fields),
            ("001 node1 any KEY more", KeyError::Fields),
            ("01 node1 any KEY", KeyError::Id),
            ("00a node1 any KEY", KeyError::Id),
            ("00000000001 node1 any KEY", KeyError::Id),
            ("001 n any KEY", KeyError::Name),
            ("001 !node1 any KEY", KeyError::Name),
            ("001  any KEY", KeyError::Name),
            ("001 node1 all KEY", KeyError::Address),
            ("001 node1 10.0.0.0/33 KEY", KeyError::Address),
            ("001 node1 any short", KeyError::Secret),
            ("001 node1 any KEYé", KeyError::Secret),
        ];
        for (line, error) in cases {
            assert_eq!(AgentKey::parse(&line.replace("KEY", SECRET)).err(), Some(error), "{line}");
        }
    }

    #[test]
    fn the_hash_is_over_number_name_and_key() {
        let key = AgentKey::parse(&format!("001 node1 any {SECRET}")).unwrap();
        assert_eq!(key.hash(), sha1_digits(&[format!("001node1{SECRET}").as_bytes()]));
    }

    proptest! {
        #[test]
        fn any_line_has_an_answer(line in r"([0-9]{3} )?[ -~é\n]{0,40}( any )?[a-f0-9]{0,64}") {
            if let Ok(key) = AgentKey::parse(&line) {
                let written = key.to_line();
                prop_assert_eq!(written.expose_secret(), line.trim_end());
            }
        }
    }
}
