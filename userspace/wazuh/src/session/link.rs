use tokio::{
    io::AsyncWriteExt as _,
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::{Duration, Instant},
};

use crate::{
    AgentKey, FrameError, FrameReader, Opener, SealError, Sealer, Status, Trouble, client::Numbering,
};

/// Sealed bytes that wait to be written: with more, nothing is added. What is added can be one message longer.
const ROOM: usize = 128 * 1024;

/// A connection to a manager on which messages are sealed and opened.
pub(crate) struct Link<'a> {
    frames: FrameReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    opener: Opener,
    sealer: Sealer,
    numbering: &'a mut Numbering,
    status: Status,
    out: Vec<u8>,
    /// How much of `out` is written.
    written: usize,
    /// Bytes that were ever added.
    end: u64,
    /// When something was last written, or had to be.
    progress: Instant,
}

impl<'a> Link<'a> {
    pub(crate) fn new(
        stream: TcpStream,
        key: &AgentKey,
        numbering: &'a mut Numbering,
        status: Status,
    ) -> Self {
        let (reader, writer) = stream.into_split();
        Self {
            frames: FrameReader::new(reader),
            writer,
            opener: Opener::new(key),
            sealer: Sealer::new(key, numbering.last()),
            numbering,
            status,
            out: Vec::new(),
            written: 0,
            end: 0,
            progress: Instant::now(),
        }
    }

    /// Seals a message; [`turn`](Self::turn) writes it.
    pub(crate) fn push(&mut self, message: &[u8]) -> Result<(), SealError> {
        if self.is_idle() {
            self.progress = Instant::now();
        }
        let before = self.out.len();
        let sealed = self.sealer.seal(message, &mut self.out);
        self.numbering.set_used(self.sealer.counter());
        self.end += (self.out.len() - before) as u64;
        if sealed.is_ok() {
            self.status.counters().frames_sent.add(1);
        }
        sealed
    }

    /// Writes what waits to be written, or reads: gives a message of the manager's, or nothing after it has written. It can be
    /// cancelled at any time.
    pub(crate) async fn turn(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        let waiting = self.out.get(self.written..).unwrap_or_default();
        tokio::select! {
            frame = self.frames.next() => match frame {
                Ok(Some(frame)) => {
                    self.status.counters().frames_received.add(1);
                    Ok(Some(self.opener.open(frame)?))
                }
                Ok(None) => Err(Trouble::Closed),
                Err(FrameError::Io(error)) => Err(Trouble::Broken(error)),
                Err(error) => Err(error.into()),
            },
            written = self.writer.write(waiting), if !waiting.is_empty() => {
                let count = written.map_err(Trouble::Broken)?;
                self.status.counters().bytes_sent.add(count);
                self.written += count;
                self.progress = Instant::now();
                self.tidy();
                Ok(None)
            }
        }
    }

    /// Forgets what is written, without moving the rest about each time.
    fn tidy(&mut self) {
        if self.is_idle() {
            self.out.clear();
            self.written = 0;
        } else if self.written > ROOM {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    /// Whether another message may be added.
    pub(crate) const fn has_room(&self) -> bool {
        self.out.len() - self.written < ROOM
    }

    /// Whether all is written.
    pub(crate) const fn is_idle(&self) -> bool {
        self.out.len() == self.written
    }

    /// How many bytes were ever added.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// How many of them are written.
    pub(crate) const fn position(&self) -> u64 {
        self.end - (self.out.len() - self.written) as u64
    }

    /// When the manager is lost if nothing more can be written until then.
    pub(crate) fn stalled(&self, response: Duration) -> Option<Instant> {
        (!self.is_idle()).then(|| self.progress + response)
    }

    /// Writes all, closes our side, and waits for the other one to do the same: the manager would lose our last words if
    /// something of its own were unread in our hands. The caller bounds the time.
    pub(crate) async fn close(mut self) {
        while !self.is_idle() {
            if self.turn().await.is_err() {
                return;
            }
        }
        if self.writer.shutdown().await.is_ok() {
            while matches!(self.frames.next().await, Ok(Some(_))) {}
        }
    }
}
