//! What a manager says, in plain text.

use super::digest::md5_text;

/// Answers a startup and each keepalive; with the space.
pub(super) const ACK: &[u8] = b"#!-agent ack ";

/// Answers a startup of a version that is too high.
pub(super) const VERSION_TOO_HIGH: &[u8] =
    b"#!-err {\"message\":\"Agent version must be lower or equal to manager version\"}";

/// Bytes of a shared file in one message.
const CHUNK_BYTES: usize = 900;

/// The messages by which a shared file goes to an agent.
pub(super) fn push(file: &[u8]) -> Vec<Vec<u8>> {
    let begin = format!("#!-up file {} merged.mg\n", md5_text(file));
    let mut messages = vec![begin.into_bytes()];
    messages.extend(file.chunks(CHUNK_BYTES).map(<[u8]>::to_vec));
    messages.push(b"#!-close file ".to_vec());
    messages
}
