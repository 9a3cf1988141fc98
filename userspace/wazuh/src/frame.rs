use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Longest frame, in bytes, without its length.
pub const FRAME_BYTES: usize = 65_536;

/// Bytes of the length before each frame, the least first.
const LENGTH_BYTES: usize = size_of::<u32>();

/// How much is asked for at once: many short frames, or part of a long one.
const READ_BYTES: usize = 4096;

/// Why no further frame can be read. The connection is of no use any more.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The connection has failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A frame is longer than [`FRAME_BYTES`], or this is no manager.
    #[error("a frame of {bytes} bytes is too long")]
    TooLong {
        /// How long it says it is.
        bytes: u32,
    },
    /// The connection has ended within a frame.
    #[error("the connection has ended within a frame")]
    Truncated,
}

/// Reads the frames of a TCP connection.
#[derive(Debug)]
pub struct FrameReader<R> {
    reader: R,
    /// What was read and is not given yet begins at `start`.
    buffer: Vec<u8>,
    start: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads from a connection, at a place where a frame begins.
    #[must_use]
    pub const fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), start: 0 }
    }

    /// The next frame without its length; none when the connection has ended between two frames.
    ///
    /// It may be dropped at any point and called again: what was read is kept, and nothing is lost or given twice. So it can
    /// stand in a `select!`.
    ///
    /// # Errors
    /// [`FrameError`], after which there is nothing more to be read.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let end = loop {
            let unread = self.buffer.get(self.start..).unwrap_or_default();
            let missing = match unread.first_chunk().map(|length| u32::from_le_bytes(*length)) {
                None => LENGTH_BYTES - unread.len(),
                Some(bytes) => {
                    let length = usize::try_from(bytes).ok().filter(|length| *length <= FRAME_BYTES);
                    let whole = LENGTH_BYTES + length.ok_or(FrameError::TooLong { bytes })?;
                    if unread.len() >= whole {
                        break self.start + whole;
                    }
                    whole - unread.len()
                }
            };
            let is_between = unread.is_empty();
            self.buffer.drain(..self.start);
            self.start = 0;
            self.buffer.reserve(missing.max(READ_BYTES));
            // Either it has read something, and that is in the buffer, or it has not.
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                return if is_between { Ok(None) } else { Err(FrameError::Truncated) };
            }
        };
        let frame = self.start + LENGTH_BYTES..end;
        self.start = end;
        Ok(self.buffer.get(frame))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::{io::AsyncWriteExt as _, time::Duration};

    use super::*;

    fn framed(frames: &[Vec<u8>]) -> Vec<u8> {
        let length = |frame: &Vec<u8>| u32::try_from(frame.len()).unwrap().to_le_bytes();
        frames.iter().flat_map(|frame| [length(frame).as_slice(), frame].concat()).collect()
    }

    /// All frames of a stream, and how it ends.
    async fn read(stream: &[u8]) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
        let (mut reader, mut frames) = (FrameReader::new(stream), Vec::new());
        loop {
            match reader.next().await {
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                Ok(None) => return (frames, Ok(())),
                Err(error) => return (frames, Err(error)),
            }
        }
    }

    #[tokio::test]
    async fn frames_are_read_up_to_the_end() {
        let frames = [b"one".to_vec(), Vec::new(), vec![b'x'; FRAME_BYTES], b"two".to_vec()];
        let (read, end) = read(&framed(&frames)).await;
        assert_eq!(read, frames);
        end.unwrap();
    }

    #[tokio::test]
    async fn a_frame_that_is_cut_or_too_long_is_told_after_those_before_it() {
        let stream = framed(&[b"one".to_vec(), b"two".to_vec()]);
        for cut in 8..stream.len() {
            let (frames, end) = read(&stream[..cut]).await;
            assert_eq!(frames, [b"one"], "{cut}");
            assert!(matches!(end, Err(FrameError::Truncated)), "{cut}: {end:?}");
        }
        for bytes in [65_537, u32::MAX] {
            let (frames, end) = read(&[stream.as_slice(), &bytes.to_le_bytes()].concat()).await;
            assert_eq!(frames.len(), 2);
            assert!(matches!(end, Err(FrameError::TooLong { bytes: told }) if told == bytes), "{end:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_is_kept_when_the_reader_is_not_waited_for() {
        let (mut writer, reader) = tokio::io::duplex(64);
        let mut reader = FrameReader::new(reader);
        let frames = [vec![b'x'; 300], b"two".to_vec()];
        let (mut read, mut given_up) = (Vec::new(), 0);
        for byte in framed(&frames) {
            writer.write_all(&[byte]).await.unwrap();
            match tokio::time::timeout(Duration::from_millis(1), reader.next()).await {
                Ok(frame) => read.push(frame.unwrap().unwrap().to_vec()),
                Err(_) => given_up += 1,
            }
        }
        assert_eq!((read.as_slice(), given_up), (frames.as_slice(), framed(&frames).len() - 2));
    }

    proptest! {
        #[test]
        fn any_stream_has_an_end(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..5), tail in prop::collection::vec(any::<u8>(), 0..9)) {
            let stream = [framed(&frames), tail].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (read, end) = runtime.block_on(read(&stream));
            prop_assert!(read.starts_with(&frames));
            prop_assert_eq!(end.is_ok(), framed(&read) == stream);
        }
    }
}
