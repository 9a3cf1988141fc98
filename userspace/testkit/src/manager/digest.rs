//! The old digests that the protocol is made of, as lower-case hex.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use md5::{Digest as _, Md5};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// MD5 of what the parts are together.
pub(super) fn md5(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Md5::new();
    for part in parts {
        hasher.update(part);
    }
    let mut out = [0; 32];
    write_hex(&hasher.finalize(), &mut out);
    out
}

/// [`md5`] as text.
pub(super) fn md5_text(bytes: &[u8]) -> String {
    md5(&[bytes]).into_iter().map(char::from).collect()
}

/// SHA-1, for the hash of a key.
pub(super) fn sha1_text(bytes: &[u8]) -> String {
    hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = vec![0; bytes.len() * 2];
    write_hex(bytes, &mut out);
    out.into_iter().map(char::from).collect()
}

fn write_hex(bytes: &[u8], out: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(out.as_chunks_mut::<2>().0) {
        let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'?');
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
}
