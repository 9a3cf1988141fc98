//! What an agent has sealed, opened: strict in everything that a real manager takes for granted.

use flate2::{Decompress, FlushDecompress, Status};

use super::{
    cipher::Cipher,
    count::{Count, number},
    digest::md5,
};

/// Largest inflated message, with its digest and counters, in bytes.
const INFLATED_BYTES: usize = 65_536;

/// Largest message, in bytes.
const MESSAGE_BYTES: usize = 65_536 - 128;

/// Most `!` before the compressed part.
const PADDING: usize = 8;

/// Inflates into a buffer of its own, which is kept from message to message.
#[derive(Debug)]
pub(super) struct Opener {
    inflater: Decompress,
    inflated: Vec<u8>,
}

impl Opener {
    pub(super) fn new() -> Self {
        Self { inflater: Decompress::new(true), inflated: vec![0; INFLATED_BYTES] }
    }

    /// Opens a ciphertext, which is decrypted in place.
    ///
    /// # Errors
    /// The first thing that is not as it must be.
    pub(super) fn open(&mut self, cipher: &Cipher, ciphertext: &mut [u8]) -> Result<(Count, &[u8]), String> {
        let length = ciphertext.len();
        if length == 0 || !length.is_multiple_of(16) {
            return Err(format!("a ciphertext of {length} bytes, which is no whole number of blocks"));
        }
        let plain =
            cipher.open(ciphertext).map_err(|_| "a ciphertext that does not decrypt to padded text")?;
        let inflated = self.inflate(unpadded(plain)?)?;
        let (sum, rest) =
            inflated.split_at_checked(32).ok_or("an inflated message too short for its digest")?;
        if md5(&[rest]) != *sum {
            return Err("a digest that is not the message's".to_owned());
        }
        let (random, rest) = rest.split_at_checked(5).ok_or("a message too short for its random number")?;
        if number(random).is_none_or(|random| random > 65_535) {
            return Err("a random number that is not 00000 to 65535".to_owned());
        }
        let (count, message) = Count::parse(rest)?;
        if message.len() > MESSAGE_BYTES {
            return Err(format!("a message of {} bytes, the limit is {MESSAGE_BYTES}", message.len()));
        }
        Ok((count, message))
    }

    fn inflate(&mut self, compressed: &[u8]) -> Result<&[u8], String> {
        self.inflater.reset(true);
        let status = self.inflater.decompress(compressed, &mut self.inflated, FlushDecompress::Finish);
        match status {
            Ok(Status::StreamEnd) => {}
            Ok(Status::Ok | Status::BufError) => {
                return Err(format!(
                    "a compressed message that is cut, or inflates to over {INFLATED_BYTES} bytes"
                ));
            }
            Err(error) => return Err(format!("a message that does not inflate: {error}")),
        }
        let as_size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let left = compressed.len().saturating_sub(as_size(self.inflater.total_in()));
        if left > 0 {
            return Err(format!("{left} bytes behind the compressed message"));
        }
        Ok(self.inflated.get(..as_size(self.inflater.total_out())).unwrap_or_default())
    }
}

/// What follows the `!`, of which there are as many as make the whole a multiple of 8 bytes.
fn unpadded(plain: &[u8]) -> Result<&[u8], String> {
    let padding = plain.iter().take_while(|byte| **byte == b'!').count();
    match padding {
        0 => Err("no `!` before the compressed message".to_owned()),
        1..=PADDING if plain.len().is_multiple_of(8) => Ok(plain.get(padding..).unwrap_or_default()),
        1..=PADDING => Err(format!("{} bytes before encryption, which is no multiple of 8", plain.len())),
        _ => Err(format!("{padding} `!` before the compressed message, at most {PADDING} are needed")),
    }
}
