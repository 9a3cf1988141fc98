//! Bytes as text.

/// Text as it is; bytes that are not UTF-8 become `\xNN`, so that two different names stay different.
#[must_use]
pub fn text(bytes: &[u8]) -> Box<str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str("\\x");
            out.extend(
                [byte >> 4, byte & 0xf].into_iter().filter_map(|half| char::from_digit(half.into(), 16)),
            );
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn odd_bytes_stay_apart() {
        for (bytes, expected) in
            [(&b"plain"[..], "plain"), (b"a\xffb\xfe", "a\\xffb\\xfe"), ("ü".as_bytes(), "ü"), (b"", "")]
        {
            assert_eq!(&*text(bytes), expected);
        }
    }
}
