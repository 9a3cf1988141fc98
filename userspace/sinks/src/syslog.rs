//! Findings to a syslog server: RFC 5424 over TLS (RFC 5425), or over plain TCP.

mod ascii;
mod connection;
mod format;
mod shorten;

use std::{io, sync::Arc, time::Duration};

use rampart_bus::{Encode, Message, Sink, SinkError};
use rampart_model::Finding;
use serde::Deserialize;

use self::connection::{Connection, Peer};
pub use self::format::{Facility, Rfc5424};
use crate::{ConfigError, Seconds, Tls, limits::front};

/// Longest message, in bytes, without its length before it. Servers must take 8 KiB over TLS and are made for more; a finding that
/// is longer is shortened.
pub const MESSAGE_BYTES: usize = 64 << 10;

/// Most bytes that are sent before the connection is looked at again.
const BATCH_BYTES: usize = 256 << 10;

/// How long the connection must stand after something was written. A server that is gone, or refuses us, says so in that time.
const SETTLE: Duration = Duration::from_millis(200);

/// How messages get there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Over TLS, as RFC 5425 says.
    #[default]
    Tls,
    /// Over plain TCP, as RFC 6587 describes it: all on the way can read and change it.
    Tcp,
}

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `host:port`; the usual port is 6514 over TLS.
    pub address: String,
    /// How; `tls` if not given.
    #[serde(default)]
    pub transport: Transport,
    /// The name in the server's certificate; the host of `address` if not given.
    pub server_name: Option<String>,
    /// Whom to believe, and who we are.
    #[serde(default)]
    pub tls: Tls,
    /// Under which facility; `local0` if not given.
    #[serde(default)]
    pub facility: Facility,
    /// How long connecting and writing may take, each.
    #[serde(default)]
    pub timeout_seconds: Seconds,
}

impl Config {
    /// Looks at what can be known without asking the server.
    ///
    /// # Errors
    /// [`ConfigError`] names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.timeout_seconds.validate("timeout_seconds")?;
        self.tls.validate()?;
        if self.transport == Transport::Tcp && self.tls != Tls::default() {
            return Err(ConfigError::new("tls", "of no use with the transport tcp"));
        }
        self.peer().map(|_| ())
    }

    /// The form in which findings are kept for this sink.
    #[must_use]
    pub const fn encoder(&self) -> Rfc5424 {
        Rfc5424 { facility: self.facility }
    }

    /// The sink. It connects when there is something to send.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn build(&self) -> Result<Syslog, ConfigError> {
        self.validate()?;
        Ok(Syslog {
            peer: self.peer()?,
            encoder: self.encoder(),
            timeout: self.timeout_seconds.into(),
            connection: None,
        })
    }

    fn peer(&self) -> Result<Peer, ConfigError> {
        let bad = || ConfigError::new("address", format!("`{}` is not host:port", self.address));
        let (host, port) = self.address.rsplit_once(':').ok_or_else(bad)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(bad());
        }
        let tls = match self.transport {
            Transport::Tcp => None,
            Transport::Tls => {
                let name = self.server_name.as_deref().unwrap_or(host);
                let name = name.to_owned().try_into().map_err(|_| {
                    ConfigError::new("server_name", format!("`{name}` is not a name or an address"))
                })?;
                Some((self.tls.clone(), name))
            }
        };
        Ok(Peer { address: self.address.clone(), tls })
    }
}

/// Sends findings over one connection, which it makes again when it is gone.
///
/// The protocol has no answers, so nothing proves that a message has arrived. A connection that the server closes is noticed
/// before and shortly after each writing, and what was written then is sent again. What is lost all the same is what the server's
/// machine had not taken out of the network when it went down without a word.
#[derive(Debug)]
pub struct Syslog {
    peer: Peer,
    encoder: Rfc5424,
    timeout: Duration,
    connection: Option<Connection>,
}

impl Syslog {
    async fn write(&mut self, messages: &[Arc<Message>]) -> io::Result<()> {
        let mut connection = match self.standing().await {
            Some(connection) => connection,
            None => within(self.timeout, "connecting", self.peer.connect()).await?,
        };
        within(self.timeout, "writing", connection.write(&frames(messages))).await?;
        connection.stands(SETTLE).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// The connection that there is, unless the server has closed it: many do when they have heard nothing for a while.
    async fn standing(&mut self) -> Option<Connection> {
        let mut connection = self.connection.take()?;
        connection.stands(Duration::ZERO).await.ok()?;
        Some(connection)
    }
}

async fn within<T>(limit: Duration, what: &str, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let text = format!("no end of {what} within {} s", limit.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    })
}

/// Each message with its length before it.
fn frames(messages: &[Arc<Message>]) -> Vec<u8> {
    let mut frames = Vec::new();
    for message in messages {
        frames.extend_from_slice(message.body.len().to_string().as_bytes());
        frames.push(b' ');
        frames.extend_from_slice(&message.body);
    }
    frames
}

impl Encode for Syslog {
    fn encode(&self, finding: &Finding) -> Option<Box<[u8]>> {
        self.encoder.encode(finding)
    }
}

impl Sink for Syslog {
    async fn send(&mut self, messages: &[Arc<Message>]) -> Result<usize, SinkError> {
        let part = front(messages, messages.len(), BATCH_BYTES);
        match self.write(part).await {
            Ok(()) => Ok(part.len()),
            Err(error) => {
                let text = format!("{}: {}", self.peer.address, rampart_tls::explain(&error));
                Err(SinkError::retryable(io::Error::new(error.kind(), text)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config(json: Value) -> Config {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (json, expected) in [
            (json!({ "address": "siem.example" }), "address: `siem.example` is not host:port"),
            (json!({ "address": ":6514" }), "address: `:6514` is not host:port"),
            (json!({ "address": "a:66666" }), "address: `a:66666` is not host:port"),
            (json!({ "address": "a b:1" }), "server_name: `a b` is not a name or an address"),
            (
                json!({ "address": "a:1", "transport": "tcp", "tls": { "ca_file": "/c" } }),
                "tls: of no use with the transport tcp",
            ),
        ] {
            assert_eq!(config(json.clone()).build().unwrap_err().to_string(), expected, "{json}");
        }
        for address in ["siem.example:6514", "10.0.0.1:6514", "[fd00::1]:6514"] {
            assert_eq!(config(json!({ "address": address })).validate(), Ok(()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_connection_closed_while_there_was_nothing_to_say_is_no_trouble() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut sink = config(json!({ "address": address, "transport": "tcp" })).build().unwrap();
        let messages = [Arc::new(sink.message(&rampart_testkit::sample::finding()).unwrap())];
        for _ in 0..3 {
            let both = async { tokio::join!(sink.send(&messages), listener.accept()) };
            let (sent, accepted) = tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
            assert_eq!(sent.unwrap(), 1);
            drop(accepted.unwrap());
        }
    }

    #[test]
    fn a_frame_is_a_length_a_space_and_a_message() {
        let message = |body: &[u8]| {
            let body = body.into();
            Arc::new(Message {
                time: rampart_model::Timestamp::EPOCH,
                severity: rampart_model::Severity::Low,
                body,
            })
        };
        assert_eq!(frames(&[message(b"<1>1 a\n"), message(b"0123456789")]), b"7 <1>1 a\n10 0123456789");
    }
}
