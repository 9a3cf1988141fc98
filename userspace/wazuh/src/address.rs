//! Where a manager is, and how a connection to it is made.

mod ping;

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    time::timeout,
};

pub use self::ping::ping;

/// Where a manager takes messages, unless it is said otherwise.
pub const EVENTS_PORT: u16 = 1514;
/// Where a manager enrols agents, unless it is said otherwise.
pub const ENROLMENT_PORT: u16 = 1515;

/// Most addresses of one name that are tried.
const ADDRESSES: usize = 8;
/// The shortest time that one of many addresses of a name is given.
const SHORTEST: Duration = Duration::from_secs(1);
/// Longest name of a host in the DNS.
const NAME_BYTES: usize = 253;
/// What may be under way in the kernel: a manager that reads nothing more is noticed when this is full, and what a slow
/// line still has to carry before an answer can come stays small.
const SEND_BUFFER: u32 = 256 * 1024;

/// A manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerAddress {
    /// A name in the DNS, or an address; without brackets.
    pub host: String,
    /// Where it takes messages.
    pub port: u16,
    /// Where it enrols agents.
    pub enrolment_port: u16,
}

/// Why a text is no address of a manager.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither a name nor an address.
    #[error("'{0}' is neither the name nor the address of a host")]
    Host(String),
    /// The part after the last colon.
    #[error("'{0}' is no port: it is a number from 1 to 65535")]
    Port(String),
}

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Its name has no address now.
    #[error("the address of {host} cannot be found")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        #[source]
        source: io::Error,
    },
    /// None of its addresses answers; this is what the last said.
    #[error("{address} cannot be reached")]
    Unreachable {
        /// The last address that was tried.
        address: SocketAddr,
        /// What it says.
        #[source]
        source: io::Error,
    },
}

impl ManagerAddress {
    /// A manager with the usual ports.
    ///
    /// # Errors
    /// [`AddressError::Host`] for what cannot be a host.
    pub fn new(host: &str) -> Result<Self, AddressError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_name = !host.is_empty() && host.len() <= NAME_BYTES && host.bytes().all(allowed);
        // An IPv6 address may name its interface after a '%'.
        let address = host.split_once('%').map_or(host, |(address, _)| address);
        if is_name || address.parse::<IpAddr>().is_ok() {
            return Ok(Self { host: host.to_owned(), port: EVENTS_PORT, enrolment_port: ENROLMENT_PORT });
        }
        Err(AddressError::Host(host.to_owned()))
    }

    /// The same, as it is named where it enrols agents.
    pub(crate) fn enrolment(&self) -> Self {
        Self { port: self.enrolment_port, ..self.clone() }
    }

    /// Connects to `port` of it: each of its addresses in turn, all together in about `limit`.
    ///
    /// # Errors
    /// [`ConnectError`] when its name is unknown, or none of its addresses answers in time.
    pub async fn connect(&self, port: u16, limit: Duration) -> Result<TcpStream, ConnectError> {
        let resolve = |source| ConnectError::Resolve { host: self.host.clone(), source };
        let found = timeout(limit, lookup_host((self.host.as_str(), port))).await;
        let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(resolve)?;
        let addresses: Vec<_> = found.take(ADDRESSES).collect();
        let share = u32::try_from(addresses.len()).map_or(limit, |count| limit / count.max(1));
        let mut last = resolve(io::ErrorKind::NotFound.into());
        for address in addresses {
            let attempt = timeout(share.max(SHORTEST.min(limit)), open(address)).await;
            match attempt.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(stream) => return Ok(stream),
                Err(source) => last = ConnectError::Unreachable { address, source },
            }
        }
        Err(last)
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl FromStr for ManagerAddress {
    type Err = AddressError;

    /// `HOST`, `HOST:PORT`, `ADDRESS`, `ADDRESS:PORT` or `[IPV6]:PORT`; the port is the one for messages.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
            // More than one colon without brackets is an IPv6 address.
            None if text.matches(':').count() > 1 => (text, None),
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let manager = Self::new(host)?;
        let Some(port) = port else { return Ok(manager) };
        let number = port.parse().ok().filter(|number| *number != 0);
        let number = number.ok_or_else(|| AddressError::Port(port.to_owned()))?;
        Ok(Self { port: number, ..manager })
    }
}

impl fmt::Display for ManagerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_are_hosts_with_or_without_a_port() {
        for (text, shown) in [
            ("wazuh", "wazuh:1514"),
            ("wazuh.svc.cluster.local:1600", "wazuh.svc.cluster.local:1600"),
            ("192.0.2.7", "192.0.2.7:1514"),
            ("192.0.2.7:1", "192.0.2.7:1"),
            ("2001:db8::7", "[2001:db8::7]:1514"),
            ("[2001:db8::7]", "[2001:db8::7]:1514"),
            ("[fe80::1%eth0]:1600", "[fe80::1%eth0]:1600"),
        ] {
            let manager: ManagerAddress = text.parse().unwrap();
            assert_eq!(manager.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", ":1514", "a b", "a/b", "x:0", "x:65536", "x:", "x:y", "[::1]1514x", "1::2::3"] {
            assert!(text.parse::<ManagerAddress>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(text in ".{0,40}") {
            if let Ok(manager) = text.parse::<ManagerAddress>() {
                prop_assert_eq!(manager.to_string().parse(), Ok(manager));
            }
        }
    }

    #[tokio::test]
    async fn a_connection_is_made_or_it_is_said_why_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let manager = ManagerAddress::new("127.0.0.1").unwrap();
        let limit = Duration::from_secs(5);
        assert!(manager.connect(port, limit).await.is_ok());
        drop(listener);
        let error = manager.connect(port, limit).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
        let unknown = ManagerAddress::new("nowhere.invalid").unwrap();
        let error = unknown.connect(port, limit).await.unwrap_err();
        assert!(matches!(error, ConnectError::Resolve { .. }), "{error}");
    }
}
