//! Whoever speaks without TLS to a port with it is told so.

use std::io;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink},
    net::TcpStream,
};

use crate::problem;

/// The first byte of what a client of TLS says: the record's type is handshake.
const HANDSHAKE: u8 = 22;

/// Most bytes that are read of what was asked.
const ASKED_BYTES: u64 = 64 * 1024;

/// Whether TLS is spoken, or not; none where nothing was said before the end.
pub(crate) async fn is_tls(stream: &TcpStream) -> io::Result<Option<bool>> {
    let mut first = [0];
    let read = stream.peek(&mut first).await?;
    Ok((read > 0).then(|| first == [HANDSHAKE]))
}

/// Says that TLS is spoken here, and ends the connection.
pub(crate) async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let body = problem::body("this port speaks TLS", "ask by https");
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // A connection that is closed with something unread takes the answer with it.
    copy(&mut stream.take(ASKED_BYTES), &mut sink()).await.map(drop)
}
