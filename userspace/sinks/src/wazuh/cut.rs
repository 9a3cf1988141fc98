//! Making JSON that is too long for a message shorter, in a fixed order, so that it stays JSON.

use std::io::{self, Write};

use serde_json::Value as Json;

/// To how many bytes strings are cut, one after the other until it is enough; as they are written, escapes included.
const STRING_BYTES: [usize; 3] = [4096, 1024, 256];

const MARK: char = '…';

/// Where a finding's ancestors are, the nearest first.
const ANCESTRY: &str = "/rampart/ancestry";

/// Cuts until what is written has at most `room` bytes. `essentials` leaves out what there may be without bound: it is asked last.
pub(super) fn cut(json: &mut Json, room: usize, essentials: fn(&mut Json)) {
    let fits = |json: &Json| size(json) <= room;
    for bytes in STRING_BYTES {
        if fits(json) {
            return;
        }
        shorten(json, bytes);
    }
    while !fits(json) {
        let ancestry = json.pointer_mut(ANCESTRY).and_then(Json::as_array_mut);
        if ancestry.and_then(Vec::pop).is_none() {
            break;
        }
    }
    while !fits(json) {
        let Some(list) = longest(json) else { break };
        list.truncate(list.len() / 2);
    }
    if !fits(json) {
        essentials(json);
    }
}

/// Bytes as it is written.
fn size(json: &Json) -> usize {
    struct Counter(usize);
    impl Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Counting does not fail.
    serde_json::to_writer(&mut counter, json).unwrap_or_default();
    counter.0
}

/// Cuts all strings that take more bytes than that.
fn shorten(json: &mut Json, bytes: usize) {
    match json {
        Json::String(text) => shorten_text(text, bytes),
        Json::Array(list) => list.iter_mut().for_each(|item| shorten(item, bytes)),
        Json::Object(map) => map.values_mut().for_each(|value| shorten(value, bytes)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn shorten_text(text: &mut String, bytes: usize) {
    let room = bytes.saturating_sub(MARK.len_utf8());
    let (mut written, mut end) = (0, None);
    for (at, character) in text.char_indices() {
        written += written_bytes(character);
        if written > room {
            end.get_or_insert(at);
        }
        if let Some(end) = end.filter(|_| written > bytes) {
            text.truncate(end);
            text.push(MARK);
            return;
        }
    }
}

/// How long a character is in JSON.
const fn written_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

/// Of all lists that are not empty, the one that takes most bytes; of such that take as many, the first.
fn longest(json: &mut Json) -> Option<&mut Vec<Json>> {
    let path = longest_path(json)?.1;
    json.pointer_mut(&path)?.as_array_mut()
}

fn longest_path(json: &Json) -> Option<(usize, String)> {
    let inner = |(name, inner): (String, &Json)| {
        let (bytes, path) = longest_path(inner)?;
        Some((bytes, format!("/{}{path}", name.replace('~', "~0").replace('/', "~1"))))
    };
    match json {
        // The list around another takes more than that.
        Json::Array(list) => (!list.is_empty()).then(|| (size(json), String::new())),
        Json::Object(map) => map
            .iter()
            .filter_map(|(name, value)| inner((name.clone(), value)))
            .reduce(|best, next| if next.0 > best.0 { next } else { best }),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_are_cut_between_characters_by_what_they_take_as_json() {
        for (text, bytes, expected) in [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc…"),
            ("ääää", 8, "ääää"),
            ("äääää", 8, "ää…"),
            // Six bytes each.
            ("\u{1}\u{1}\u{1}", 18, "\u{1}\u{1}\u{1}"),
            ("\u{1}\u{1}\u{1}\u{1}", 18, "\u{1}\u{1}…"),
            ("\"\"\"\"", 7, "\"\"…"),
            ("", 0, ""),
        ] {
            let mut cut = text.to_owned();
            shorten_text(&mut cut, bytes);
            assert_eq!(cut, expected, "{text:?}");
            assert!(size(&json!(cut)) <= bytes + 2);
        }
    }

    #[test]
    fn what_can_be_spared_goes_first() {
        let ancestor = json!({ "name": "x".repeat(100) });
        let whole = json!({ "rampart": {
            "message": "m".repeat(5000),
            "ancestry": vec![ancestor; 4],
            "args": vec!["a"; 100],
            "few": ["b"],
        }});
        let drop_all = |json: &mut Json| *json = json!({});
        for (room, message, ancestors, args) in [
            (10_000, 5000, 4, 100),
            (5100, 4096, 4, 100),
            (2000, 1024, 4, 100),
            (1200, 256, 4, 100),
            (1000, 256, 2, 100),
            (500, 256, 0, 25),
        ] {
            let mut json = whole.clone();
            cut(&mut json, room, drop_all);
            let of = |name: &str| json.pointer(&format!("/rampart/{name}")).unwrap();
            let count = |name: &str| of(name).as_array().unwrap().len();
            let message_left = size(of("message")) - 2;
            assert_eq!(
                (message_left, count("ancestry"), count("args")),
                (message, ancestors, args),
                "{room}"
            );
            assert_eq!(count("few"), 1);
            assert!(size(&json) <= room);
        }
        let mut json = whole;
        cut(&mut json, 100, drop_all);
        assert_eq!(json, json!({}));
    }
}
