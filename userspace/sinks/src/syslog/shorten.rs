use serde_json::Value;

use super::ascii;

/// Longest text in a shortened finding, in characters: each is tried when the one before was not enough.
const TEXTS: [usize; 5] = [8192, 2048, 512, 128, 64];

/// Longest list in a shortened finding.
const LIST: usize = 32;

/// The value as JSON of at most `limit` bytes. Where it has more, its long texts and lists are cut, so that it is still JSON; tells
/// whether that was so. None where even that has more.
pub(super) fn json_within(limit: usize, mut value: Value) -> Option<(Vec<u8>, bool)> {
    let json = ascii::json(&value)?;
    if json.len() <= limit {
        return Some((json, false));
    }
    for longest in TEXTS {
        shorten(&mut value, longest);
        let json = ascii::json(&value)?;
        if json.len() <= limit {
            return Some((json, true));
        }
    }
    None
}

fn shorten(value: &mut Value, longest: usize) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(longest) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(list) => {
            list.truncate(LIST);
            for value in list {
                shorten(value, longest);
            }
        }
        Value::Object(object) => {
            for value in object.values_mut() {
                shorten(value, longest);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_finding_is_still_json() {
        for (value, is_cut) in [
            (json!({ "a": "x".repeat(100) }), false),
            (json!({ "a": "x".repeat(200_000), "event": { "id": "short" } }), true),
            (json!({ "a": vec!["ü"; 100_000], "event": { "id": "short" } }), true),
        ] {
            let (json, cut) = json_within(4096, value.clone()).unwrap();
            let read: Value = serde_json::from_slice(&json).unwrap();
            assert_eq!((cut, json.len() <= 4096, &read["event"]), (is_cut, true, &value["event"]));
        }
        let many: Vec<_> = (0..10_000).map(|number| (number.to_string(), json!(1))).collect();
        assert_eq!(json_within(4096, Value::Object(many.into_iter().collect())), None);
    }

    proptest! {
        #[test]
        fn it_is_never_longer(texts in prop::collection::vec((any::<char>(), 0..3000_usize), 0..20)) {
            let texts: Vec<_> = texts.iter().map(|(letter, times)| letter.to_string().repeat(*times)).collect();
            let within = json_within(4096, json!({ "texts": texts }));
            prop_assert!(within.is_none_or(|(json, _)| json.len() <= 4096));
        }
    }
}
