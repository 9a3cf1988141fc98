use std::{fmt, io, time::Duration};

use rustix::net::sockopt;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::Tls;

/// A connection on which nothing was sent is looked at after so long, and then so often.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// After so long without a sign that what was sent has arrived, in milliseconds, the connection is gone.
const USER_TIMEOUT: u32 = 30_000;

/// Where to connect.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) address: String,
    /// Over TLS, with that name in the certificate.
    pub(super) tls: Option<(Tls, ServerName<'static>)>,
}

/// What messages are written to.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) struct Connection(Box<dyn Stream>);

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl Peer {
    pub(super) async fn connect(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        sockopt::set_socket_keepalive(&stream, true)?;
        sockopt::set_tcp_keepidle(&stream, KEEPALIVE)?;
        sockopt::set_tcp_keepintvl(&stream, KEEPALIVE)?;
        sockopt::set_tcp_user_timeout(&stream, USER_TIMEOUT)?;
        let Some((tls, name)) = &self.tls else { return Ok(Connection(Box::new(stream))) };
        let connector = TlsConnector::from(tls.load(true)?);
        let stream = connector.connect(name.clone(), stream).await?;
        Ok(Connection(Box::new(stream)))
    }
}

impl Connection {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Waits whether the server closes the connection. It has nothing to say, and what it says all the same is not listened to.
    ///
    /// # Errors
    /// It has closed it, or sends too much.
    pub(super) async fn stands(&mut self, within: Duration) -> io::Result<()> {
        timeout(within, self.listen()).await.unwrap_or(Ok(()))
    }

    async fn listen(&mut self) -> io::Result<()> {
        /// A server that sends so much is none of syslog's.
        const READS: usize = 64;
        let mut unwanted = [0; 1024];
        for _ in 0..READS {
            if self.0.read(&mut unwanted).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Err(io::Error::other("the server sends more than a syslog server has to say"))
    }
}
