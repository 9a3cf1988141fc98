use crate::AgentKey;

/// Where in a manager an event goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// A line of a log, or anything that is JSON: the decoders and rules of all.
    LocalFile,
    /// A line of syslog.
    Syslog,
    /// What is known of a host.
    HostInfo,
    /// The comparison of databases.
    Dbsync,
    /// File integrity.
    Syscheck,
    /// Findings of rootcheck.
    Rootcheck,
    /// The inventory.
    Syscollector,
    /// Results of policies.
    Sca,
    /// Upgrades of the agent.
    Upgrade,
}

impl Queue {
    /// What stands for it in an event.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::LocalFile => b'1',
            Self::Syslog => b'2',
            Self::HostInfo => b'3',
            Self::Dbsync => b'5',
            Self::Syscheck => b'8',
            Self::Rootcheck => b'9',
            Self::Syscollector => b'd',
            Self::Sca => b'p',
            Self::Upgrade => b'u',
        }
    }
}

/// An event as it is sealed: `1:rampart:{"rampart":…}`. The location says where it comes from; managers drop what comes
/// from a location that begins with `keepalive`. Colons in it are masked, and line breaks become spaces.
#[must_use]
pub fn event(queue: Queue, location: &str, message: &[u8]) -> Vec<u8> {
    let mut event = Vec::with_capacity(location.len() + message.len() + 3);
    event.extend([queue.code(), b':']);
    for byte in location.bytes() {
        match byte {
            b':' | b'|' => event.extend([b'|', byte]),
            byte if byte.is_ascii_control() => event.push(b' '),
            byte => event.push(byte),
        }
    }
    event.push(b':');
    event.extend(message);
    event
}

/// The event with which an agent reports, once after its start, that it is there.
#[must_use]
pub fn started(key: &AgentKey) -> Vec<u8> {
    let text = format!("ossec: Agent started: '{}->{}'.", key.name(), key.address());
    event(Queue::LocalFile, "wazuh-agent", text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_masked_and_a_message_is_not() {
        let cases = [
            (Queue::LocalFile, "rampart", r#"{"a":1}"#, r#"1:rampart:{"a":1}"#),
            (Queue::Sca, "sca", "{}", "p:sca:{}"),
            (Queue::Syscheck, "a:b|c\nd", "x:y|z\n", "8:a|:b||c d:x:y|z\n"),
        ];
        for (queue, location, message, text) in cases {
            assert_eq!(String::from_utf8(event(queue, location, message.as_bytes())).unwrap(), text);
        }
    }

    #[test]
    fn queues_have_codes_of_their_own() {
        use Queue::{Dbsync, HostInfo, LocalFile, Rootcheck, Sca, Syscheck, Syscollector, Syslog, Upgrade};
        let all = [LocalFile, Syslog, HostInfo, Dbsync, Syscheck, Rootcheck, Syscollector, Sca, Upgrade];
        assert_eq!(all.map(Queue::code), *b"123589dpu");
    }

    #[test]
    fn the_start_says_who_and_from_where() {
        let key = AgentKey::parse("001 node1 any 0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(started(&key), b"1:wazuh-agent:ossec: Agent started: 'node1->any'.");
    }
}
