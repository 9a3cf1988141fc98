use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use md5::{Digest as _, Md5};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Bytes of an MD5 sum in hexadecimal digits.
pub(crate) const MD5_DIGITS: usize = 32;

/// The MD5 sum of parts one after the other, in lower case hexadecimal digits.
pub(crate) fn md5_digits(parts: &[&[u8]]) -> [u8; MD5_DIGITS] {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    let sum: [u8; 16] = md5.finalize().into();
    let mut digits = [0; MD5_DIGITS];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(sum) {
        *pair = pair_of(byte);
    }
    digits
}

/// The SHA-1 sum of parts one after the other, in lower case hexadecimal digits.
pub(crate) fn sha1_digits(parts: &[&[u8]]) -> String {
    let mut sha1 = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in parts {
        sha1.update(part);
    }
    sha1.finish().as_ref().iter().flat_map(|byte| pair_of(*byte)).map(char::from).collect()
}

fn pair_of(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 0xf].map(|digit| DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        assert_eq!(&md5_digits(&[b"ab", b"c"]), b"900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(sha1_digits(&[b"", b"abc"]), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
