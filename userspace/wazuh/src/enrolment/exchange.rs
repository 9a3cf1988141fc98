use std::{io, sync::Arc, time::Duration};

use rampart_tls::explain;
use rustls::{ClientConfig, pki_types::ServerName};
use secrecy::{ExposeSecret as _, zeroize::Zeroizing};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time,
};
use tokio_rustls::TlsConnector;

use super::{Enrolment, REPLY_BYTES, Refusal, ReplyError, RequestError};
use crate::AgentKey;

/// How long an enrolment may take once there is a connection, unless it is said otherwise.
pub const ENROL_TIME: Duration = Duration::from_secs(10);

/// Why an enrolment brings no key.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// It cannot be asked for.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No TLS with whoever answers.
    #[error("{}", explain(.0))]
    Handshake(#[source] io::Error),
    /// The connection broke before there was an answer. With TLS 1.3, also where the manager refuses our certificate.
    #[error("{}", explain(.0))]
    Broken(#[source] io::Error),
    /// No whole answer in time.
    #[error("the manager has not answered within {0:?}")]
    Silent(Duration),
    /// The answer is no key for us.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

impl EnrolError {
    /// What the manager means by its refusal; none where it is something else.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Reply(error) => error.refusal(),
            _ => None,
        }
    }

    /// A short name: one out of a fixed set, for a metric's label.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Request(_) => "settings",
            Self::Handshake(_) => "tls",
            Self::Broken(_) => "broken",
            Self::Silent(_) => "silent",
            Self::Reply(ReplyError::Refused { refusal, .. }) => refusal.kind(),
            Self::Reply(_) => "bad_answer",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Request(_) => "correct the configuration of this agent",
            Self::Handshake(_) => {
                "check that the port is the manager's for enrolment (1515 as installed), and whom the configuration trusts"
            }
            Self::Broken(_) => {
                "look into the manager's log; it may want a client certificate, or enrol nobody (of a cluster, the master does)"
            }
            Self::Silent(_) => "check the manager's load and its log, and what is between it and this node",
            Self::Reply(ReplyError::Refused { refusal, .. }) => refusal.help(),
            Self::Reply(_) => {
                "check that the address is a Wazuh manager's and the port its for enrolment (1515 as installed)"
            }
        }
    }

    /// Whether the same would soon go wrong again: somebody has to change something first, or much time to pass.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        match self {
            Self::Request(_) => true,
            Self::Reply(ReplyError::Refused { refusal, .. }) => refusal.is_lasting(),
            Self::Handshake(_) | Self::Broken(_) | Self::Silent(_) | Self::Reply(_) => false,
        }
    }
}

/// Asks a manager for a key, over a fresh connection to its port for enrolment, and within `limit`. When it is given up half-way, the manager may
/// have registered the agent all the same; then it answers the next attempt with [`Refusal::DuplicateName`].
///
/// # Errors
/// [`EnrolError`] says why there is none, and [`EnrolError::help`] what to do.
pub async fn enrol<C: AsyncRead + AsyncWrite + Unpin>(
    connection: C,
    server: ServerName<'static>,
    tls: Arc<ClientConfig>,
    enrolment: &Enrolment,
    limit: Duration,
) -> Result<AgentKey, EnrolError> {
    let request = enrolment.request()?;
    let exchange = async {
        let mut stream =
            TlsConnector::from(tls).connect(server, connection).await.map_err(EnrolError::Handshake)?;
        stream.write_all(request.expose_secret().as_bytes()).await.map_err(EnrolError::Broken)?;
        stream.flush().await.map_err(EnrolError::Broken)?;
        // It is not shut down after that: the manager closes it, and nothing must come between us and the key.
        let reply = read_reply(&mut stream).await?;
        Ok(enrolment.accept(&reply)?)
    };
    time::timeout(limit, exchange).await.unwrap_or(Err(EnrolError::Silent(limit)))
}

/// Reads up to the end of a line, or of the connection.
async fn read_reply<C: AsyncRead + Unpin>(stream: &mut C) -> Result<Zeroizing<Vec<u8>>, EnrolError> {
    let mut reply = Zeroizing::new(vec![0; REPLY_BYTES]);
    let mut length = 0;
    while let Some(room) = reply.get_mut(length..).filter(|room| !room.is_empty()) {
        let count = match stream.read(room).await {
            Ok(count) => count,
            // Managers close without the words that TLS has for it.
            Err(_) if length > 0 => 0,
            Err(error) => return Err(EnrolError::Broken(error)),
        };
        let is_last = count == 0 || room.iter().take(count).any(|byte| b"\n\0".contains(byte));
        length += count;
        if is_last {
            reply.truncate(length);
            return Ok(reply);
        }
    }
    Err(ReplyError::TooLong.into())
}

#[cfg(test)]
mod tests;
