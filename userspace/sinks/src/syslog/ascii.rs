use std::io;

use serde_json::{Serializer, ser::Formatter};

/// JSON in ASCII only: all else is escaped. A message in UTF-8 would have to begin with a byte order mark (RFC 5424, 6.4), on which
/// readers of JSON stumble.
pub(super) fn json(value: &serde_json::Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    serde::Serialize::serialize(value, &mut Serializer::with_formatter(&mut out, Ascii)).ok()?;
    Some(out)
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        for part in text.split_inclusive(|letter| !is_plain(letter)) {
            let end = part.chars().next_back().filter(|letter| !is_plain(*letter));
            let plain = part.len() - end.map_or(0, char::len_utf8);
            writer.write_all(part.as_bytes().get(..plain).unwrap_or_default())?;
            for unit in end.iter().flat_map(|letter| letter.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// DEL is a control character that JSON lets stand.
const fn is_plain(letter: char) -> bool {
    letter.is_ascii() && letter != '\x7f'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_not_ascii_is_escaped() {
        let text = json(&json!({ "grün": ["a\u{1f512}b", "\x7f\x1b\n\"\\", "\u{feff}"] })).unwrap();
        let expected = r#"{"gr\u00fcn":["a\ud83d\udd12b","\u007f\u001b\n\"\\","\ufeff"]}"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn it_is_the_same_json(text in any::<String>()) {
            let value = Value::String(text);
            let ascii = json(&value).unwrap();
            prop_assert!(ascii.iter().all(|byte| (b' '..=b'~').contains(byte)));
            prop_assert_eq!(serde_json::from_slice::<Value>(&ascii).unwrap(), value);
        }
    }
}
