//! Who gets a key.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use super::super::{
    keys::{Agent, Key},
    shared::Shared,
    version::Version,
};
use super::Request;

/// When an agent may take the place of another one that has its name or its address: all must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Force {
    /// At all. Default: yes.
    pub enabled: bool,
    /// Not if it says that it has the other's key. Default: yes, that is so.
    pub key_mismatch: bool,
    /// Not before the other, if it ever was there, has been gone for this long. Default: one hour.
    pub disconnected_time: Duration,
    /// Not before the other is this old. Default: one hour.
    pub after_registration_time: Duration,
}

impl Default for Force {
    fn default() -> Self {
        let hour = Duration::from_hours(1);
        Self { enabled: true, key_mismatch: true, disconnected_time: hour, after_registration_time: hour }
    }
}

impl Force {
    /// Whoever asks gets the place.
    pub const ALWAYS: Self = Self {
        enabled: true,
        key_mismatch: false,
        disconnected_time: Duration::ZERO,
        after_registration_time: Duration::ZERO,
    };

    fn replaces(&self, agent: &Agent, request: &Request) -> bool {
        let has_same_key = request.key_hash.as_deref() == Some(agent.key.sha1().as_str());
        let is_gone = || match agent.gone_for() {
            None => true,
            Some(time) => !time.is_zero() && time >= self.disconnected_time,
        };
        self.enabled
            && !(self.key_mismatch && has_same_key)
            && (self.disconnected_time.is_zero() || is_gone())
            && agent.added.elapsed() >= self.after_registration_time
    }
}

impl Shared {
    /// Gives a key, or what is answered instead.
    pub(super) fn admit(&self, request: &Request, peer: SocketAddr) -> Result<Key, String> {
        let options = &self.options;
        if options.password != request.password {
            let is_asked_for = options.password.is_some();
            let refusal = if is_asked_for { "Invalid password" } else { "Invalid request for new agent" };
            return Err(refusal.to_owned());
        }
        if request.name == options.hostname {
            return Err(format!("Invalid agent name: {}", request.name));
        }
        let version = request.version.as_deref().and_then(Version::parse);
        if version.zip(options.max_version).is_some_and(|(version, max)| version > max) {
            return Err("Agent version must be lower or equal to manager version".to_owned());
        }
        if let Some(group) = request.groups.iter().find(|group| !options.groups.contains(group)) {
            return Err(format!("Invalid group: {group}"));
        }
        let address = address(request, peer)?;
        let keys = &options.keys;
        let alone = keys.alone();
        let same_address = keys.find(|key| address.as_ref() == Some(&key.address));
        let same_name = keys.find(|key| key.name == request.name);
        let texts = [
            (same_address, format!("Duplicate IP: {}", address.as_deref().unwrap_or_default())),
            (same_name, format!("Duplicate agent name: {}", request.name)),
        ];
        for (other, refusal) in texts {
            if let Some(other) = other {
                if !options.force.replaces(&other, request) {
                    return Err(refusal);
                }
                keys.remove(&other.key.id);
            }
        }
        let key = keys.add(&request.name, address.as_deref());
        drop(alone);
        key.map_err(|error| format!("Internal manager error adding agent: {error}"))
    }
}

/// The address of the key; `None` for any.
fn address(request: &Request, peer: SocketAddr) -> Result<Option<String>, String> {
    match request.address.as_deref() {
        None | Some("any") => Ok(None),
        Some("src") => Ok(Some(peer.ip().to_string())),
        Some(text) => {
            let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
            let is_right =
                address.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 128);
            if is_right { Ok(Some(text.to_owned())) } else { Err(format!("Invalid IP: {text}")) }
        }
    }
}
