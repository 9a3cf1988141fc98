//! A connection of an agent, as the rest of the manager sees it.

use std::{
    io::{self, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    keys::{Agent, locked},
    seal,
};

/// How long an agent that does not read may hold up its manager.
const WRITE_TIME: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: SocketAddr,
    stream: TcpStream,
    closed: AtomicBool,
    trickle: AtomicBool,
    /// One message after the other.
    writing: Mutex<()>,
    state: Mutex<LinkState>,
}

#[derive(Debug)]
struct LinkState {
    agent: Option<Arc<Agent>>,
    /// Its startup was acknowledged.
    is_started: bool,
    heard: Instant,
}

impl Link {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(WRITE_TIME))?;
        let state = LinkState { agent: None, is_started: false, heard: Instant::now() };
        Ok(Self {
            peer,
            stream,
            closed: AtomicBool::new(false),
            trickle: AtomicBool::new(false),
            writing: Mutex::new(()),
            state: Mutex::new(state),
        })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// At once, whatever is under way. What has been read and not been looked at is lost.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        // The other side may have been quicker.
        drop(self.stream.shutdown(Shutdown::Both));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub(super) fn trickle(&self, on: bool) {
        self.trickle.store(on, Ordering::Relaxed);
    }

    pub(super) fn claim(&self, agent: Arc<Agent>) {
        locked(&self.state).agent = Some(agent);
    }

    pub(super) fn is_of(&self, id: &str) -> bool {
        locked(&self.state).agent.as_ref().is_some_and(|agent| agent.key.id == id)
    }

    pub(super) fn start(&self) {
        locked(&self.state).is_started = true;
    }

    /// Its agent, once its startup is acknowledged.
    pub(super) fn started(&self) -> Option<Arc<Agent>> {
        let state = locked(&self.state);
        state.agent.clone().filter(|_| state.is_started && !self.is_closed())
    }

    pub(super) fn heard(&self) {
        locked(&self.state).heard = Instant::now();
    }

    pub(super) fn idle(&self) -> Duration {
        locked(&self.state).heard.elapsed()
    }

    /// Seals a message, and sends it.
    pub(super) fn send(&self, agent: &Agent, message: &[u8]) -> io::Result<()> {
        self.send_all(agent, &[message.to_vec()])
    }

    /// The same with several, between which no other comes.
    pub(super) fn send_all(&self, agent: &Agent, messages: &[Vec<u8>]) -> io::Result<()> {
        let guard = locked(&self.writing);
        let mut bytes = Vec::new();
        for message in messages {
            let frame = seal::frame(&agent.cipher, &seal::clear(agent.next(), message))?;
            bytes.append(&mut seal::with_length(&frame)?);
        }
        let sent = self.write(&bytes);
        drop(guard);
        sent
    }

    /// Sends bytes as they are.
    pub(super) fn send_raw(&self, bytes: &[u8]) -> io::Result<()> {
        let guard = locked(&self.writing);
        let sent = self.write(bytes);
        drop(guard);
        sent
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stream = &self.stream;
        if !self.trickle.load(Ordering::Relaxed) {
            return stream.write_all(bytes);
        }
        for byte in bytes {
            stream.write_all(std::slice::from_ref(byte))?;
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }
}
