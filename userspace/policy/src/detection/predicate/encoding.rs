//! What a value looks like inside of encoded text.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How UTF-16 orders its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf16 {
    /// The low one first.
    Little,
    /// The high one first.
    Big,
    /// The low one first, after a mark that says so.
    Marked,
}

pub(super) fn utf16(order: Utf16, text: &str) -> Vec<u8> {
    let mark = (order == Utf16::Marked).then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit| match order {
            Utf16::Big => unit.to_be_bytes(),
            Utf16::Little | Utf16::Marked => unit.to_le_bytes(),
        })
        .collect()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The characters that do not depend on what comes before and behind, for each of the three places where the bytes can
/// begin. None for fewer than two bytes: of them, not every place has such characters.
pub(super) fn base64_offset(bytes: &[u8]) -> Option<Vec<String>> {
    let shifted = |shift: usize| {
        let encoded = STANDARD.encode([b"  ".get(..shift)?, bytes].concat());
        let (start, end) = ((8 * shift).div_ceil(6), 8 * (shift + bytes.len()) / 6);
        encoded.get(start..end).filter(|part| !part.is_empty()).map(str::to_owned)
    };
    (0..3).map(shifted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_found_wherever_it_stands() {
        for text in ["/bin/bash", "curl", "ab", "äöü€", "http://"] {
            let parts = base64_offset(text.as_bytes()).unwrap();
            for before in ["", "x", "xy", "xyz", "wxyz"] {
                for after in ["", "1", "12", "123"] {
                    let encoded = base64(format!("{before}{text}{after}").as_bytes());
                    assert!(encoded.contains(&parts[before.len() % 3]), "{before}{text}{after}");
                }
            }
        }
        assert_eq!(base64_offset(b"x"), None);
        assert_eq!(base64_offset(b""), None);
    }

    #[test]
    fn utf16_has_its_orders() {
        assert_eq!(utf16(Utf16::Little, "a€"), [0x61, 0, 0xac, 0x20]);
        assert_eq!(utf16(Utf16::Big, "a€"), [0, 0x61, 0x20, 0xac]);
        assert_eq!(utf16(Utf16::Marked, "a"), [0xff, 0xfe, 0x61, 0]);
    }
}
