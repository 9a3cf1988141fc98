use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};

use super::{CLEAR_BYTES, HEADER_BYTES, SCHEME};
use crate::{
    AgentKey, CipherError,
    cipher::Cipher,
    digest::{MD5_DIGITS, md5_digits},
};

/// Why a frame is no message of the manager's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It does not begin as one that AES has encrypted.
    #[error("it is not encrypted with AES")]
    Scheme,
    /// It was cut, or sealed with another key.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// The filling before the compressed text is not there: it was sealed with another key.
    #[error("it was sealed with another key")]
    Filling,
    /// The compressed text is damaged, or something follows it.
    #[error("its compressed text is damaged")]
    Compressed,
    /// It would grow over 65,536 bytes.
    #[error("its text is longer than {CLEAR_BYTES} bytes")]
    TooLong,
    /// There is no room in it for a sum and a header.
    #[error("its text is too short")]
    TooShort,
    /// The sum of its text is another.
    #[error("its sum is wrong")]
    Sum,
    /// There are no counters before its text.
    #[error("its counters are missing")]
    Counters,
}

/// Opens the frames of a manager's messages. One is for one key, and keeps what it works with from frame to frame.
pub struct Opener {
    cipher: Cipher,
    decompress: Decompress,
    encrypted: Vec<u8>,
    clear: Box<[u8]>,
}

impl Opener {
    /// Opens with a key.
    #[must_use]
    pub fn new(key: &AgentKey) -> Self {
        Self {
            cipher: Cipher::new(key),
            decompress: Decompress::new(true),
            encrypted: Vec::new(),
            clear: vec![0; CLEAR_BYTES].into(),
        }
    }

    /// The message in a frame, which is without its length. The counters are not compared with those before: managers begin
    /// them anew when they are set up anew.
    ///
    /// # Errors
    /// [`OpenError`] for whatever the manager does not seal like this.
    pub fn open(&mut self, frame: &[u8]) -> Result<Vec<u8>, OpenError> {
        let clear = self.clear_text(frame)?;
        let (sum, rest) = clear.split_first_chunk::<MD5_DIGITS>().ok_or(OpenError::TooShort)?;
        let (header, message) = rest.split_first_chunk::<HEADER_BYTES>().ok_or(OpenError::TooShort)?;
        if *sum != md5_digits(&[rest]) {
            return Err(OpenError::Sum);
        }
        match header {
            [_random_and_global @ .., b':', _, _, _, _, b':'] => Ok(message.to_vec()),
            _ => Err(OpenError::Counters),
        }
    }

    /// The sum, the header and the message of a frame, not compared yet.
    pub(super) fn clear_text(&mut self, frame: &[u8]) -> Result<&[u8], OpenError> {
        self.encrypted.clear();
        self.encrypted.extend(frame.strip_prefix(SCHEME).ok_or(OpenError::Scheme)?);
        let text = self.cipher.decrypt(&mut self.encrypted)?;
        let filling = text.iter().take_while(|byte| **byte == b'!').count();
        let packed = text.get(filling..).filter(|_| filling > 0).ok_or(OpenError::Filling)?;

        self.decompress.reset(true);
        let status = self.decompress.decompress(packed, &mut self.clear, FlushDecompress::Finish);
        let written = usize::try_from(self.decompress.total_out()).unwrap_or(usize::MAX);
        match status {
            Ok(Status::StreamEnd) if self.decompress.total_in() == packed.len() as u64 => {}
            Ok(Status::Ok | Status::BufError) if written >= CLEAR_BYTES => return Err(OpenError::TooLong),
            _ => return Err(OpenError::Compressed),
        }
        Ok(self.clear.get(..written).unwrap_or_default())
    }
}

/// Without the buffers, which hold messages.
impl fmt::Debug for Opener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opener").finish_non_exhaustive()
    }
}
