//! Frames out of a stream of bytes.

use std::io::{self, Read};

/// Longest frame, without its length, in bytes.
pub(super) const FRAME_BYTES: usize = 65_536;

const BUFFER_BYTES: usize = 256 * 1024;

/// A buffer of some frames: few reads for many of them.
#[derive(Debug)]
pub(super) struct Intake {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Intake {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; BUFFER_BYTES], start: 0, end: 0 }
    }

    /// Reads once; `false` at the end. Whole frames are to be taken out before.
    pub(super) fn fill(&mut self, source: &mut impl Read) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let read = loop {
            match source.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += read;
        Ok(read > 0)
    }

    /// The next whole frame, without its length.
    ///
    /// # Errors
    /// A length that no frame has.
    pub(super) fn next(&mut self) -> Result<Option<&mut [u8]>, String> {
        let held = self.buffer.get(self.start..self.end).unwrap_or_default();
        let Some((length, rest)) = held.split_first_chunk() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length == 0 || length > FRAME_BYTES {
            return Err(format!("a length of {length}, which is not 1 to {FRAME_BYTES}"));
        }
        if rest.len() < length {
            return Ok(None);
        }
        let begin = self.start + size_of::<u32>();
        self.start = begin + length;
        Ok(self.buffer.get_mut(begin..begin + length))
    }
}
