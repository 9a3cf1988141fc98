//! What a manager says, sealed for an agent.

use std::io::{self, Write as _};

use aws_lc_rs::error::Unspecified;
use flate2::{Compression, write::ZlibEncoder};

use super::{cipher::Cipher, count::Count, digest::md5};

/// What comes before a manager's ciphertext.
const MARK: &[u8] = b"#AES:";

/// Digest, counters and message: what is compressed.
pub(super) fn clear(count: Count, message: &[u8]) -> Vec<u8> {
    let head = format!("{:05}{count}", 12_345);
    let mut clear = md5(&[head.as_bytes(), message]).to_vec();
    clear.extend_from_slice(head.as_bytes());
    clear.extend_from_slice(message);
    clear
}

/// Compressed, padded and encrypted: what follows the length on the wire.
pub(super) fn frame(cipher: &Cipher, clear: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(clear)?;
    let compressed = encoder.finish()?;
    let mut plain = vec![b'!'; 8 - compressed.len() % 8];
    plain.extend_from_slice(&compressed);
    encrypted(cipher, plain)
}

/// Encrypted as it is.
pub(super) fn encrypted(cipher: &Cipher, mut plain: Vec<u8>) -> io::Result<Vec<u8>> {
    cipher.seal(&mut plain).map_err(|Unspecified| io::Error::other("the cipher failed"))?;
    let mut frame = MARK.to_vec();
    frame.append(&mut plain);
    Ok(frame)
}

/// With its length before it.
pub(super) fn with_length(frame: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend_from_slice(frame);
    Ok(bytes)
}
