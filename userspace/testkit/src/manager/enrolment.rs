//! The port where agents enrol: one line over TLS, and one back.

mod admission;
mod request;

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use rustls::{ServerConnection, Stream};

pub use self::{admission::Force, request::Request};
use super::{
    certificates::Certificates, digest::hex, event::excerpt, keys::locked, lie::Lie, link::Link,
    registration::Registration, shared::Shared,
};

/// Longest request, in bytes.
const REQUEST_BYTES: usize = 4096;

/// How long a request may take.
const READ_TIME: Duration = Duration::from_secs(10);

type Tls<'a> = Stream<'a, ServerConnection, &'a TcpStream>;

/// Serves a connection to its end.
pub(super) fn serve(shared: &Shared, certificates: &Certificates, link: &Link) {
    shared.wait(|| link.is_closed());
    if shared.is_stopped() || link.is_closed() {
        return;
    }
    if let Err(error) = exchange(shared, certificates, link)
        && !link.is_closed()
    {
        locked(&shared.records.refusals).push(format!("{}: {error}", link.peer));
    }
}

fn exchange(shared: &Shared, certificates: &Certificates, link: &Link) -> io::Result<()> {
    let mut socket = link.stream();
    socket.set_read_timeout(Some(READ_TIME))?;
    let mut connection = ServerConnection::new(certificates.config.clone()).map_err(io::Error::other)?;
    let mut tls = Stream::new(&mut connection, &mut socket);
    let asked = read_line(&mut tls)?;
    shared.wait(|| link.is_closed());
    if asked.is_empty() || shared.is_stopped() || link.is_closed() {
        return Ok(());
    }
    let lie = shared.lie();
    let (request, reply) = answer(shared, link, &asked, lie);
    let whole = format!("{reply}\n\n");
    // Before: whoever has the answer may ask for it.
    locked(&shared.records.registrations).push(Registration { peer: link.peer, request, reply });
    match lie {
        Some(Lie::EnrolNothing) => Ok(()),
        Some(Lie::EnrolEndless) => endless(shared, link, &mut tls),
        Some(Lie::Trickle) => trickle(&mut tls, whole.as_bytes()),
        _ => tls.write_all(whole.as_bytes()),
    }?;
    tls.conn.send_close_notify();
    tls.flush()
}

/// What is asked, and the answer, which may be a lie.
fn answer(shared: &Shared, link: &Link, asked: &[u8], lie: Option<Lie>) -> (Request, String) {
    let mut request = Request::default();
    let parsed = request.parse(asked);
    if let Err(refusal) = parsed {
        let what = format!("{}: a request to enrol ({}): {}", link.peer, excerpt(asked), refusal);
        shared.records.violation(what);
        return (request, format!("ERROR: {refusal}"));
    }
    let name = &request.name;
    let reply = match lie {
        Some(Lie::EnrolOtherName) => format!("OSSEC K:'999 not-{name} any {}'", hex(&[0xab; 32])),
        Some(Lie::EnrolBrokenKey) => format!("OSSEC K:'999 {name} any no-key'"),
        Some(Lie::EnrolNothing | Lie::EnrolEndless) => String::new(),
        _ => match shared.admit(&request, link.peer) {
            Ok(key) => format!("OSSEC K:'{}'", key.line()),
            Err(refusal) => format!("ERROR: {refusal}"),
        },
    };
    (request, reply)
}

/// Up to and with the end of the line, or of the connection; no more than is too much.
fn read_line(tls: &mut Tls<'_>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut chunk = [0; 512];
    while !line.contains(&b'\n') && line.len() <= REQUEST_BYTES {
        match tls.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => line.extend_from_slice(chunk.get(..read).unwrap_or_default()),
            // Without the words that end TLS.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(line)
}

fn trickle(tls: &mut Tls<'_>, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        tls.write_all(&[*byte])?;
        tls.flush()?;
        thread::sleep(Duration::from_micros(200));
    }
    Ok(())
}

fn endless(shared: &Shared, link: &Link, tls: &mut Tls<'_>) -> io::Result<()> {
    tls.write_all(b"OSSEC K:'001 ")?;
    while !shared.is_stopped() && !link.is_closed() {
        tls.write_all(&[b'a'; 4096])?;
    }
    Ok(())
}
